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
    let folder = places.data_home().join("kilo");
    roots.extend(opencode::databases(&folder, "kilo", places.folder("KILO_DB")));
    // Channels that began before they had Kilo's name go on with theirs.
    roots.extend(opencode::databases(&folder, "opencode", None));
    roots
}

fn is_database(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "db")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn databases_of_all_channels_under_both_names_and_the_one_a_variable_names_are_roots() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".local/share/kilo");
        fs::create_dir_all(&folder).unwrap();
        for name in ["kilo-dev.db", "opencode-rc.db", "opencode-rc.db-wal", "other.db"] {
            fs::write(folder.join(name), "").unwrap();
        }
        let variables = [("HOME".into(), home.path().into()), ("KILO_DB".into(), "work.db".into())];
        let roots = roots(&Places::of_user(variables, None, None).unwrap());
        let databases: Vec<_> = roots.iter().filter_map(|root| root.strip_prefix(&folder).ok()).collect();
        let expected = ["kilo-dev.db", "kilo.db", "work.db", "opencode-rc.db", "opencode.db"];
        assert_eq!(databases, expected.map(Path::new));
    }
}
