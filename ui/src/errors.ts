// What a command threw, in the one shape that the page shows.
import type { CommandError } from "./bindings/CommandError";
import { words } from "./words";

/**
 * Commands throw a `CommandError`; what Tauri itself throws, such as an unknown command, is wrapped into one. `failed` says
 * what could not be done.
 */
export function commandError(
  thrown: unknown,
  failed: (why: string) => string = words.unexpected,
  action: string = words.unexpectedAction,
): CommandError {
  if (isCommandError(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "unexpected", message: failed(message), action };
}

function isCommandError(thrown: unknown): thrown is CommandError {
  return typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown;
}
