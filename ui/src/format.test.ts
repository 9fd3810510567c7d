// How figures are written.
import { describe, expect, it } from "vitest";
import { forDrawing, nanosOf, sumOf } from "./decimal";
import * as format from "./format";

describe("money in a headline", () => {
  it.each([
    ["0", "$0.00"],
    ["12.4", "$12.40"],
    ["0.005", "$0.01"],
    ["99.994", "$99.99"],
    ["99.995", "$100"],
    ["214.1", "$214"],
    ["9999.49", "$9,999"],
    ["9999.5", "$10.0K"],
    ["13449", "$13.4K"],
    ["13450", "$13.5K"],
    ["999950", "$1.0M"],
    ["1234567.89", "$1.2M"],
    ["-4", "−$4.00"],
    ["-13449", "−$13.4K"],
  ])("writes %s as %s", (usd, written) => expect(format.money(usd)).toBe(written));

  it("tells next to nothing from nothing", () => {
    expect(format.money("0.000000001")).toBe("<$0.01");
    expect(format.money("0.004999999")).toBe("<$0.01");
    expect(format.money("-0.004")).toBe(">−$0.01");
    expect(format.moneyInTable("0.004")).toBe("<$0.01");
  });

  it("does not round as a float would", () => {
    // As a float, 1.005 is 1.00499…, and 0.1 + 0.2 is not 0.3.
    expect(format.money("1.005")).toBe("$1.01");
    expect(sumOf(["0.1", "0.2"])).toBe("0.3");
    expect(format.exactMoney("9007199254.740993001")).toBe("$9,007,199,254.740993001");
  });

  it("refuses what is not an amount", () => {
    for (const text of ["", "1e3", "NaN", "$4", "1.0000000001", "1."])
      expect(() => format.money(text)).toThrow("is not an amount");
  });
});

describe("money elsewhere", () => {
  it("is to the cent in tables", () => {
    expect(format.moneyInTable("1234.5")).toBe("$1,234.50");
    expect(format.moneyInTable("-0.5")).toBe("−$0.50");
  });

  it("is every digit on hover", () => {
    expect(format.exactMoney("0.0525005")).toBe("$0.0525005");
    expect(format.exactMoney("-12.4")).toBe("−$12.40");
    expect(format.exactMoney("0")).toBe("$0.00");
  });

  it("is a range in a forecast", () => {
    expect(format.moneyRange("269.4", "304.6")).toBe("$269–305");
    expect(format.moneyRange("81.2", "112")).toBe("$81–112");
    expect(format.moneyRange("8.2", "11.75")).toBe("$8.20–11.75");
    expect(format.moneyRange("9000", "13449")).toBe("$9,000–13.4K");
    expect(format.moneyRange("214", "214.2")).toBe("$214");
  });

  it("has a range only where that shows at its precision", () => {
    const margin = { below: "0.3", above: "1.5" };
    expect(format.between("12.4", margin, format.money)).toBe("$12.10–13.90");
    expect(format.between("214.1", { below: "0.3", above: "0.2" }, format.money)).toBeNull();
    expect(format.between("214.1", { below: "0.3", above: "0.2" }, format.moneyInTable)).toBe("$213.80–214.30");
    expect(format.between("12.4", { below: "0", above: "0" }, format.exactMoney)).toBeNull();
    expect(format.between("0.4", { below: "0.4", above: "0" }, format.moneyInTable)).toBe("$0.00–0.40");
  });

  it("is round on an axis", () => {
    expect([0, 2.5, 15, 1_500, 20_000, 0.002].map(format.axisMoney)).toEqual([
      "$0",
      "$2.50",
      "$15",
      "$1,500",
      "$20K",
      "$0.002",
    ]);
  });

  it("adds exactly, credits included", () => {
    expect(sumOf([])).toBe("0");
    expect(sumOf(["-0.000000003", "0.000000001"])).toBe("-0.000000002");
    expect(nanosOf("-9223372036.854775807")).toBe(-9_223_372_036_854_775_807n);
    expect(forDrawing("12.4")).toBeCloseTo(12.4);
  });
});

describe("counts", () => {
  it.each([
    [0, "0"],
    [950, "950"],
    [1_000, "1\u00a0K"],
    [1_240, "1.2\u00a0K"],
    [9_960, "10\u00a0K"],
    [53_100, "53\u00a0K"],
    [999_600, "1\u00a0M"],
    [1_200_000, "1.2\u00a0M"],
    [6_000_000_000, "6\u00a0B"],
  ])("writes %d tokens as %s", (count, written) => expect(format.tokens(count)).toBe(written));

  it("writes bytes", () => {
    expect(format.bytes(1_390_000_000)).toBe("1.4\u00a0GB");
    expect(format.bytes(850_000_000)).toBe("850\u00a0MB");
    expect(format.bytes(0)).toBe("0\u00a0B");
  });

  it("never calls something nothing", () => {
    expect(format.percent(0)).toBe("0\u00a0%");
    expect(format.percent(4)).toBe("<1\u00a0%");
    expect(format.percent(552)).toBe("55\u00a0%");
  });

  it("turns large changes into factors", () => {
    expect(format.moved(380)).toBe("38\u00a0%");
    expect(format.moved(-40)).toBe("4\u00a0%");
    expect(format.moved(11_000)).toBe("12×");
    expect(format.times(1_600)).toBe("1.6×");
  });

  it("writes durations", () => {
    expect([30, 720, 7_800, 7_200, 273_600].map(format.duration)).toEqual([
      "30\u00a0s",
      "12\u00a0min",
      "2\u00a0h 10\u00a0min",
      "2\u00a0h",
      "3\u00a0d 4\u00a0h",
    ]);
    expect(format.secondsBetween("2026-11-24T10:00:00+01:00", "2026-11-24T10:00:30+01:00")).toBe(30);
  });
});

describe("moments", () => {
  const now = new Date(2026, 10, 24, 15);

  it("are those of the user's own clock, whatever the zone of this machine", () => {
    expect(format.time("2026-11-24T14:05:00+01:00")).toBe("14:05");
    expect(format.time("2026-11-24T00:05:00-11:00")).toBe("00:05");
  });

  it("say the day unless it is today", () => {
    expect(format.moment("2026-11-24T14:05:00+01:00", now)).toBe("14:05");
    expect(format.moment("2026-11-23T14:05:00+01:00", now)).toBe("Nov 23, 14:05");
    expect(format.moment("2025-11-23T14:05:00+01:00", now)).toBe("Nov 23, 2025");
  });

  it("name days and months", () => {
    expect(format.day("2026-11-04")).toBe("Nov 4");
    expect(format.dayOfWeek("2026-11-24")).toBe("Tue, Nov 24");
    expect(format.monthName("2026-11")).toBe("November");
  });
});

it("signs how far an amount moved", () => {
  expect(format.moneyMoved("0.61")).toBe("+$0.61");
  expect(format.moneyMoved("-4")).toBe("−$4.00");
  expect(format.moneyMoved("0.001")).toBe("<$0.01");
});

it("says from when on something holds, with the hour where another day held before", () => {
  expect(format.momentInLog("2026-11-24T13:40:00+01:00")).toBe("Nov 24, 2026, 13:40");
  expect(format.startOf("2026-12-01T00:00:00+01:00")).toBe("Dec 1, 2026");
  // Midnight in UTC, in New York: until then Nov 30 is a day of the old price.
  expect(format.startOf("2026-11-30T19:00:00-05:00")).toBe("Nov 30, 2026, 19:00");
});
