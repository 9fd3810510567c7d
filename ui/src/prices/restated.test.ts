// What a restatement changes is told without adding what must not be added, and without turning unknown into zero.
import { expect, it } from "vitest";
import type { LoggedRestatement } from "../bindings/LoggedRestatement";
import { amounts, decided } from "../../tests/prices";
import { cellOf, movesInLog, movesOf } from "./restated";

// An amount and its unit are held together by a space that does not break.
const plain = (lines: string[]): string[] => lines.map((line) => line.replace(/\u00a0/g, " "));
const moves = (...sides: Parameters<typeof movesOf>): string[] => plain(movesOf(...sides));
const logged = (one: LoggedRestatement): string[] => plain(movesInLog(one));

it("tells an estimate that moves, and by how much", () => {
  expect(moves(amounts("23.49"), amounts("24.1"))).toEqual(["estimate $23.49 → $24.10 (+$0.61)"]);
  expect(moves(amounts("24.1"), amounts("20.1"))).toEqual(["estimate $24.10 → $20.10 (−$4.00)"]);
});

it("never calls tokens without a price $0.00", () => {
  expect(moves(amounts("0", 53_100), amounts("0.1104"))).toEqual(["53 K tokens without a price → $0.11 estimated"]);
  expect(moves(amounts("0.1104"), amounts("0", 53_100))).toEqual(["$0.11 estimated → 53 K tokens without a price"]);
  expect(moves(amounts("0", 53_100), amounts("0.1", 12_000))).toEqual([
    "estimate none → $0.10",
    "tokens without a price 53 K → 12 K",
  ]);
});

it("says $0.00 of what is declared free", () => {
  expect(moves(amounts("0", 53_100), amounts("0"))).toEqual(["53 K tokens without a price → $0.00"]);
  expect(cellOf(amounts("0"))).toBe("$0.00");
});

it("does not add an estimate to what a plan covers", () => {
  expect(moves(amounts("23.49"), amounts("0", 0, "23.49"))).toEqual(["$23.49 estimated → $23.49 API-equivalent"]);
  expect(moves(amounts("20", 0, "5"), amounts("5", 0, "20"))).toEqual([
    "estimate $20.00 → $5.00 (−$15.00)",
    "API-equivalent $5.00 → $20.00 (+$15.00)",
  ]);
});

it("tells how far off an estimate may be, where that shows", () => {
  const may = (above: string) => amounts("1.4", 0, "0", { below: "0", above });
  expect(moves(amounts("1.4"), may("0.12"))).toEqual(["estimate $1.40 → $1.40, $1.40–1.52"]);
  expect(moves(may("0.12"), amounts("1.3"))).toEqual(["estimate $1.40, $1.40–1.52 → $1.30 (−$0.10)"]);
  expect(moves(amounts("1.4"), may("0.001"))).toEqual([]);
  expect(plain([cellOf(may("0.12"))])).toEqual(["$1.40 estimated, $1.40–1.52"]);
});

it("has nothing to tell when all amounts stay", () => {
  expect(moves(amounts("5"), amounts("5.00"))).toEqual([]);
  expect(moves(amounts("0", 10), amounts("0", 10))).toEqual([]);
});

it("tells of a restatement in the log what is told before one agrees to it", () => {
  expect(decided().restatements.map(logged)).toEqual([
    ["53 K tokens without a price → $0.11 estimated"],
    ["estimate $41.20 → $0.00 (−$41.20)"],
    ["estimate $120.40 → $118.75 (−$1.65)"],
  ]);
});

it("tells only the difference where nobody knows what had no price", () => {
  const [nemotron, free] = decided().restatements;
  expect(logged({ ...nemotron!, before: amounts("0"), knows_unpriced: false })).toEqual(["estimate +$0.11"]);
  expect(logged({ ...free!, knows_unpriced: false })).toEqual(["estimate −$41.20"]);
});
