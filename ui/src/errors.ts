// What a command threw, in the one shape that the page shows.
import type { CommandError } from "./bindings/CommandError";
import { words } from "./words";

/** Commands throw a `CommandError`; what Tauri itself throws, such as an unknown command, is wrapped into one. */
export function commandError(thrown: unknown): CommandError {
  if (isCommandError(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "unexpected", message: words.unexpected(message), action: words.unexpectedAction };
}

function isCommandError(thrown: unknown): thrown is CommandError {
  return typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown;
}
