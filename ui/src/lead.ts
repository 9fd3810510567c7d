// The amount that leads on a page: curves are of it, lists are ranked by it, and it is shown first. The page that has the
// answer says which one it is; whatever shows an amount below asks.
import { getContext, setContext } from "svelte";
import type { Basis } from "./bindings/Basis";

const key = Symbol("lead");

/** Says which amount leads below. A function, since the next answer may say otherwise. */
export const leadBy = (lead: () => Basis): void => void setContext(key, lead);

/** Which amount leads here. */
export const leadHere = (): (() => Basis) => getContext<(() => Basis) | undefined>(key) ?? (() => "estimated");
