// What the URL hash says: which view, of which period. The hash is the only place that holds it, so that back works
// and the tray can open any view by naming its hash.
//
//   #/?period=month                       the overview
//   #/?amounts=billed                     the overview by what was billed; left out, the answer says which amounts lead
//   #/project/%2Fhome%2Fme%2Fapp          one project by its key, percent-encoded; the period left out is the default
//   #/prices                              price lists and what was decided about them; the period is the one to go back to
import type { Basis } from "./bindings/Basis";
import type { Period } from "./bindings/Period";
import { bases } from "./spend";

export type Route = { period: Period; basis: Basis | null } & (
  { view: "overview" } | { view: "prices" } | { view: "project"; key: string }
);

export const periods: readonly Period[] = ["today", "last7_days", "last30_days", "month"];

const defaultPeriod: Period = "last30_days";
const projectPath = "/project/";
const pricesPath = "/prices";

/** The route of a hash. Anything unknown is the overview: a wrong link must not strand anyone. */
export function parseHash(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  const asked = new URLSearchParams(query);
  const period = periods.find((known) => known === asked.get("period")) ?? defaultPeriod;
  const basis = bases.find((known) => known === asked.get("amounts")) ?? null;
  if (path === pricesPath) return { view: "prices", period, basis };
  if (!path.startsWith(projectPath)) return { view: "overview", period, basis };
  const key = decoded(path.slice(projectPath.length));
  return key === null ? { view: "overview", period, basis } : { view: "project", key, period, basis };
}

/** The hash of a route; `parseHash` gives the route back. */
export function hashOf(route: Route): string {
  const query = new URLSearchParams();
  if (route.period !== defaultPeriod) query.set("period", route.period);
  if (route.basis) query.set("amounts", route.basis);
  return `#${pathOf(route)}${query.size > 0 ? `?${query.toString()}` : ""}`;
}

function pathOf(route: Route): string {
  if (route.view === "prices") return pricesPath;
  return route.view === "project" ? projectPath + encodeURIComponent(route.key) : "/";
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
