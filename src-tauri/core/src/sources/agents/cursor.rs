//! Cursor: its conversations are below the editor's own folder and `~/.cursor`, and no longer say what they consumed.

use super::editors;
use crate::sources::Uncounted;

/// What is found of it.
pub const CURSOR: Uncounted = Uncounted {
    id: "cursor",
    name: "Cursor",
    docs: "docs/sources/cursor.md",
    signs: |places| {
        let editor = editors::user_folder(places, "Cursor").join("globalStorage/state.vscdb");
        vec![editor, places.home().join(".cursor/projects")]
    },
    reason: "its files carry no reliable token counts; Cursor shows what was used on its own website",
};
