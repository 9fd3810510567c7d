// Questions are asked again when the ledger changes: one at a time, and none too few.
import { expect, it } from "vitest";
import { Live } from "./live.svelte";

/** A question whose answers are given by hand, in the order asked. */
function question() {
  const asked: { answer: (value: string) => void; fail: (error: unknown) => void }[] = [];
  const ask = (): Promise<string> => new Promise((answer, fail) => asked.push({ answer, fail }));
  return { asked, ask };
}

/** Lets everything that is already decided happen. */
const settled = (): Promise<void> => new Promise((done) => setTimeout(done));

it("asks once more after a question during which the ledger changed, however often it did", async () => {
  const live = new Live<string>();
  const { asked, ask } = question();
  live.show("overview", "month", ask);
  live.again();
  live.again();
  live.again();
  await settled();
  expect(asked).toHaveLength(1);

  asked[0]?.answer("old");
  await settled();
  expect(live.answer).toBe("old");
  expect(asked).toHaveLength(2);

  asked[1]?.answer("new");
  await settled();
  expect(live.answer).toBe("new");
  expect(asked).toHaveLength(2);
});

it("asks again when nothing is under way", async () => {
  const live = new Live<string>();
  const { asked, ask } = question();
  live.show("overview", "month", ask);
  asked[0]?.answer("first");
  await settled();
  live.again();
  expect(asked).toHaveLength(2);
});

it("drops the late answer to a question that is no longer asked", async () => {
  const live = new Live<string>();
  const [month, today] = [question(), question()];
  live.show("overview", "month", month.ask);
  live.show("overview", "today", today.ask);
  today.asked[0]?.answer("today");
  month.asked[0]?.answer("month");
  await settled();
  expect(live.answer).toBe("today");
});

it("does not ask twice at once after going away and coming back", async () => {
  const live = new Live<string>();
  const [month, today] = [question(), question()];
  live.show("overview", "month", month.ask);
  live.show("overview", "today", today.ask);
  live.show("overview", "month", month.ask);
  expect(month.asked).toHaveLength(1);
  month.asked[0]?.answer("before");
  await settled();
  month.asked[1]?.answer("after");
  await settled();
  expect(live.answer).toBe("after");
  expect(month.asked).toHaveLength(2);
});

it("keeps the last good answer beside an error, and forgets the error with the next", async () => {
  const live = new Live<string>();
  const { asked, ask } = question();
  live.show("overview", "month", ask);
  asked[0]?.answer("good");
  await settled();

  live.again();
  asked[1]?.fail({ code: "ledger", message: "The ledger is locked.", action: "Close the other Spendmeter." });
  await settled();
  expect(live.answer).toBe("good");
  expect(live.error?.message).toBe("The ledger is locked.");

  live.again();
  asked[2]?.answer("better");
  await settled();
  expect(live.answer).toBe("better");
  expect(live.error).toBeNull();
});

it("never shows one project's answer under another's name", async () => {
  const live = new Live<string>();
  const [a, b] = [question(), question()];
  live.show("/a", "/a month", a.ask);
  a.asked[0]?.answer("a");
  await settled();
  live.show("/a", "/a today", a.ask);
  expect(live.answer, "another period of the same project stays until the new one is there").toBe("a");
  live.show("/b", "/b today", b.ask);
  expect(live.answer).toBeNull();
});
