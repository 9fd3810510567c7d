// The hash names the view, and nothing else does.
import { expect, it } from "vitest";
import { hashOf, parseHash, periods, type Route } from "./route";
import { bases } from "./spend";

it("gives every route back, awkward keys included", () => {
  const keys = ["", "/home/ada/code/web-api", "C:\\code\\100% done?", "/tmp/a#b?period=today&c=ü"];
  for (const period of periods) {
    for (const basis of [null, ...bases]) {
      const routes: Route[] = [
        { view: "overview", period, basis },
        { view: "prices", period, basis },
        ...keys.map((key): Route => ({ view: "project", key, period, basis })),
      ];
      for (const route of routes) expect(parseHash(hashOf(route))).toEqual(route);
    }
  }
});

it("leaves out what goes without saying", () => {
  const usual = { period: "last30_days", basis: null } as const;
  expect(hashOf({ view: "overview", ...usual })).toBe("#/");
  expect(hashOf({ view: "prices", ...usual })).toBe("#/prices");
  expect(hashOf({ view: "overview", ...usual, basis: "billed" })).toBe("#/?amounts=billed");
  expect(hashOf({ view: "project", key: "/a b", period: "month", basis: null })).toBe(
    "#/project/%2Fa%20b?period=month",
  );
});

it("shows the overview for whatever it does not know", () => {
  for (const hash of ["", "#", "#/nowhere", "#/project/%E0%A4%A", "#/?period=century", "#/?amounts=all", "#/pricesx"])
    expect(parseHash(hash)).toEqual({ view: "overview", period: "last30_days", basis: null });
});
