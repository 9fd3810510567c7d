// Where the reader was: scroll and focus across views, as a browser does between pages. One history entry is one place.
import { tick } from "svelte";

const scrolls = new Map<string, number>();

/** Remembers how far down `hash` was read. */
export const leave = (hash: string): void => void scrolls.set(hash, window.scrollY);

/**
 * Goes to where the reader of `hash` should be: back where they were, or at the top of what is new. The focus moves to
 * the link they left through, or to the start of the new view, so that the keyboard and a screen reader go on from there.
 */
export async function arrive(hash: string, leftThrough: string): Promise<void> {
  await tick();
  const link = [...document.querySelectorAll<HTMLAnchorElement>("main a[href], header nav a[href]")].find(
    (candidate) => candidate.getAttribute("href") === leftThrough,
  );
  const target = link ?? document.querySelector<HTMLElement>("main");
  target?.focus({ preventScroll: true });
  window.scrollTo(0, link ? (scrolls.get(hash) ?? 0) : 0);
}
