// What the URL hash says: which view, of which period. The hash is the only place that holds it, so that back works
// and the tray can open any view by naming its hash.
//
//   #/?period=month                       the overview
//   #/project/%2Fhome%2Fme%2Fapp          one project by its key, percent-encoded; the period left out is the default
//   #/prices                              price lists and what was decided about them; the period is the one to go back to
import type { Period } from "./bindings/Period";

export type Route =
  | { view: "overview"; period: Period }
  | { view: "prices"; period: Period }
  | { view: "project"; key: string; period: Period };

export const periods: readonly Period[] = ["today", "last7_days", "last30_days", "month"];

const defaultPeriod: Period = "last30_days";
const projectPath = "/project/";
const pricesPath = "/prices";

/** The route of a hash. Anything unknown is the overview: a wrong link must not strand anyone. */
export function parseHash(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  const asked = new URLSearchParams(query).get("period");
  const period = periods.find((known) => known === asked) ?? defaultPeriod;
  if (path === pricesPath) return { view: "prices", period };
  if (!path.startsWith(projectPath)) return { view: "overview", period };
  const key = decoded(path.slice(projectPath.length));
  return key === null ? { view: "overview", period } : { view: "project", key, period };
}

/** The hash of a route; `parseHash` gives the route back. */
export function hashOf(route: Route): string {
  const query = route.period === defaultPeriod ? "" : `?period=${route.period}`;
  return `#${pathOf(route)}${query}`;
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
