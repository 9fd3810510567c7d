// The hash names the view, and nothing else does.
import { expect, it } from "vitest";
import { hashOf, parseHash, periods, type Route } from "./route";

it("gives every route back, awkward keys included", () => {
  const keys = ["", "/home/ada/code/web-api", "C:\\code\\100% done?", "/tmp/a#b?period=today&c=ü"];
  for (const period of periods) {
    const routes: Route[] = [
      { view: "overview", period },
      { view: "prices", period },
      ...keys.map((key): Route => ({ view: "project", key, period })),
    ];
    for (const route of routes) expect(parseHash(hashOf(route))).toEqual(route);
  }
});

it("leaves the default period out", () => {
  expect(hashOf({ view: "overview", period: "last30_days" })).toBe("#/");
  expect(hashOf({ view: "prices", period: "last30_days" })).toBe("#/prices");
  expect(hashOf({ view: "project", key: "/a b", period: "month" })).toBe("#/project/%2Fa%20b?period=month");
});

it("shows the overview for whatever it does not know", () => {
  for (const hash of ["", "#", "#/nowhere", "#/project/%E0%A4%A", "#/?period=century", "#/pricesx"])
    expect(parseHash(hash)).toEqual({ view: "overview", period: "last30_days" });
});
