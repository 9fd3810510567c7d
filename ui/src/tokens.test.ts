// Contrast, computed from tokens.css for both themes: 4.5:1 for text, 3:1 for what is only drawn.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync("src/tokens.css", "utf8");
const colours = new Map(
  [...css.matchAll(/--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)].map(
    ([, name = "", light = "", dark = ""]) => [name, { light, dark }],
  ),
);

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function colour(name: string, theme: "light" | "dark"): string {
  const found = colours.get(name);
  if (!found) throw new Error(`tokens.css has no opaque colour --${name} for both themes`);
  return found[theme];
}

/** Which text stands on which ground. */
const texts: [ink: string, grounds: string[]][] = [
  ["ink", ["ground", "card", "sunk", "raised", "hover", "warn-ground", "over-ground"]],
  ["ink-2", ["ground", "card", "sunk", "hover", "warn-ground", "over-ground"]],
  ["ink-3", ["ground", "card", "hover"]],
  ["accent", ["ground", "card"]],
  ["warn", ["warn-ground"]],
  ["over", ["card", "over-ground"]],
];
const drawn = ["series-anthropic", "series-openai", "series-google", "series-other", "share", "accent"];

describe.each(["light", "dark"] as const)("in the %s theme", (theme) => {
  it.each(texts.flatMap(([ink, grounds]) => grounds.map((ground) => [ink, ground] as const)))(
    "%s on %s can be read",
    (ink, ground) => expect(contrast(colour(ink, theme), colour(ground, theme))).toBeGreaterThanOrEqual(4.5),
  );

  it.each(drawn)("%s on a card can be seen", (name) =>
    expect(contrast(colour(name, theme), colour("card", theme))).toBeGreaterThanOrEqual(3),
  );
});

it("knows black from white", () => expect(contrast("#000000", "#ffffff")).toBeCloseTo(21));
