// The same day in every run, and what jsdom lacks of a browser: nothing is measured there, so nothing is ever resized.
import { vi } from "vitest";

vi.useFakeTimers({ toFake: ["Date"], now: new Date(2026, 10, 24, 14, 5) });

globalThis.ResizeObserver = class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};
window.scrollTo = () => {};
