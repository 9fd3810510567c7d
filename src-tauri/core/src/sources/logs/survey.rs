//! Finding an agent's files, and which of them changed, without reading any.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::identity::{Known, Stat};
use super::{Agent, Format};
use crate::sources::{SourceError, Survey};
use crate::sync::Pass;

/// A file with something new in it.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(super) path: PathBuf,
    pub(super) stat: Stat,
    pub(super) format: Format,
}

/// Looks at every file below the agent's roots.
pub(super) fn survey(agent: &Agent, pass: &mut Pass<'_>) -> Result<Survey, SourceError> {
    let known = Known::new(pass.ledger.files(agent.id)?);
    let mut survey = Survey::default();
    let mut seen = HashSet::new();
    for root in (agent.roots)(pass.places) {
        for file in files_below(agent, &root, &mut survey.failure) {
            // A linked folder leads to files that were met already.
            if !seen.insert(file.stat.identity) {
                continue;
            }
            pass.report.files_seen += 1;
            let row = known.find(&file.path, &file.stat);
            if row.is_some_and(|row| file.stat.is_unchanged_since(row) && row.path == file.path.to_string_lossy()) {
                continue;
            }
            survey.bytes += file.stat.size.saturating_sub(row.map_or(0, |row| row.read_to));
            survey.changed.push(file);
        }
    }
    // Oldest first: where a copy does not say that it is one, the file that was there before owns the call.
    survey.changed.sort_by(|a, b| (a.stat.modified, &a.path).cmp(&(b.stat.modified, &b.path)));
    survey.known = known;
    Ok(survey)
}

/// The files below `root` that tell of calls. What cannot be looked into is left out, and the first such failure noted:
/// the rest of the source is not held up by it.
fn files_below(agent: &Agent, root: &Path, failure: &mut Option<SourceError>) -> Vec<Changed> {
    let mut found = Vec::new();
    let mut fail = |path: PathBuf, cause: io::Error| {
        if !leads_nowhere(&path, &cause) {
            failure.get_or_insert(SourceError::Unreadable { path, cause });
        }
    };
    // Some agents keep a repository with every state of the work beside a log: folders by the hundred, and no logs.
    let entries = WalkDir::new(root).follow_links(true).into_iter().filter_entry(|entry| entry.file_name() != ".git");
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if error.loop_ancestor().is_some() => continue,
            Err(error) => {
                fail(error.path().unwrap_or(root).to_owned(), error.into());
                continue;
            }
        };
        if !entry.file_type().is_file() {
            continue;
        }
        if let Some(format) = (agent.format)(entry.path()) {
            match Stat::of(entry.path(), format) {
                Ok(stat) => found.push(Changed { path: entry.into_path(), stat, format }),
                Err(cause) => fail(entry.into_path(), cause),
            }
        }
    }
    found
}

/// Missing folders, files that vanish while they are looked at, and links to nothing are all in a day's work.
fn leads_nowhere(path: &Path, cause: &io::Error) -> bool {
    let is_link = || path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
    match cause.kind() {
        io::ErrorKind::NotFound => true,
        // There is something, and it is kept from us: that has to be told.
        io::ErrorKind::PermissionDenied => false,
        _ => is_link(),
    }
}
