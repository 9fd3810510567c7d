//! Kilo Code: up to version 5 tasks of an extension of Cline's family, from 7 on and on the command line a database like
//! opencode's, `kilo.db` below `$XDG_DATA_HOME/kilo`, or `$KILO_DB`.
//!
//! See `cline_family` and [`super::opencode`]. From 4.119 on, `tokensIn` of a task is the whole prompt.

use std::path::{Path, PathBuf};

use super::cline_family::{self, Member, Prompt};
use super::{editors, opencode, opencode_store};
use crate::places::Places;
use crate::sources::logs::{Agent, Format};

/// The source.
pub const KILO_CODE: Agent = Agent {
    id: "kilo-code",
    name: "Kilo Code",
    docs: "docs/sources/kilo-code.md",
    roots,
    format: |path| {
        if cline_family::is_task(path) {
            return Some(Format::Document(|path, document, sink| cline_family::task(MEMBER, path, document, sink)));
        }
        is_database(path).then_some(Format::Database(|_, database, memory, sink| {
            opencode_store::calls("kilo-code", database, memory, sink)
        }))
    },
};

/// Version 4.119 came out on the twelfth of November 2025.
const MEMBER: Member = Member { id: "kilo-code", prompt: Prompt::WholeSince(1_762_905_600_000) };

fn roots(places: &Places) -> Vec<PathBuf> {
    let extensions = editors::folders_of_extension(places, "kilocode.kilo-code");
    let mut roots: Vec<PathBuf> = extensions.into_iter().map(|folder| folder.join("tasks")).collect();
    roots.extend(opencode::databases(&places.data_home().join("kilo"), "kilo", places.folder("KILO_DB")));
    roots
}

fn is_database(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "db")
}
