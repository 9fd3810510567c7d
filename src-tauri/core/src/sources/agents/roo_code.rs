//! Roo Code: tasks of the extension for VS Code and its relatives, and of its command line.
//!
//! Tasks are the family's (`cline_family`). From 3.29.5 on, `tokensIn` is the whole prompt.

use std::path::PathBuf;

use super::cline_family::{self, Member, Prompt};
use super::editors;
use crate::places::Places;
use crate::sources::logs::{Agent, Format};

/// The source.
pub const ROO_CODE: Agent = Agent {
    id: "roo-code",
    name: "Roo Code",
    docs: "docs/sources/roo-code.md",
    roots,
    format: |path| {
        cline_family::is_task(path)
            .then_some(Format::Document(|path, document, sink| cline_family::task(MEMBER, path, document, sink)))
    },
};

/// Version 3.29.5 came out on the first of November 2025.
const MEMBER: Member = Member { id: "roo-code", prompt: Prompt::WholeSince(1_761_955_200_000) };

fn roots(places: &Places) -> Vec<PathBuf> {
    let mut folders = editors::folders_of_extension(places, "rooveterinaryinc.roo-cline");
    folders.push(places.home().join(".vscode-mock/global-storage"));
    folders.into_iter().map(|folder| folder.join("tasks")).collect()
}
