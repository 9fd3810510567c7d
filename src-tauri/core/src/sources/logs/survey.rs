//! Finding an agent's files, and which of them changed, without reading any.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::identity::{Known, Stat};
use super::{Agent, Format};
use crate::ledger::LedgerError;
use crate::ledger::files::FileRow;
use crate::sources::is_ours;
use crate::sources::watch::Changes;
use crate::sources::{SourceError, Survey};
use crate::sync::Pass;

/// A file with something new in it.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(super) path: PathBuf,
    pub(super) stat: Stat,
    pub(super) format: Format,
    /// Bytes that are new in it, as far as its size tells.
    pub(crate) ahead: u64,
}

/// Looks at the files below the agent's roots that may have changed.
pub(super) fn survey(agent: &Agent, pass: &mut Pass<'_>) -> Result<Survey, LedgerError> {
    let mut survey = Survey { source: agent.id, changed: Vec::new(), known: Known::default(), failure: None };
    let mut files = Vec::new();
    for place in places_to_look_at(&(agent.roots)(pass.places), pass.changes) {
        files.extend(files_below(agent, &place, &mut survey.failure));
    }
    if files.is_empty() {
        return Ok(survey);
    }
    survey.known = known(agent, &files, pass)?;
    // A linked folder leads to files that were met already.
    let mut seen = HashSet::with_capacity(files.len());
    for mut file in files.into_iter().filter(|file| seen.insert(file.stat.identity)) {
        pass.report.files_seen += 1;
        let row = survey.known.find(&file.path, &file.stat);
        // Where a link leads to it, it may have been met by its other name.
        let is_where_it_was = |row: &FileRow| row.is_at(&file.path) || file.stat.is_at(&row.path);
        if row.is_some_and(|row| file.stat.is_unchanged_since(row) && is_where_it_was(row)) {
            continue;
        }
        file.ahead = file.stat.size.saturating_sub(row.map_or(0, |row| row.read_to));
        survey.changed.push(file);
    }
    // Oldest first: where a copy does not say that it is one, the file that was there before owns the call.
    survey.changed.sort_by(|a, b| (a.stat.begun, &a.path).cmp(&(b.stat.begun, &b.path)));
    Ok(survey)
}

/// The roots, or of these what changed.
fn places_to_look_at(roots: &[PathBuf], changes: &Changes) -> Vec<PathBuf> {
    let Changes::Paths(paths) = changes else { return roots.to_vec() };
    let told = paths.iter().flat_map(|path| [Some(path.clone()), database_of(path)]).flatten();
    let is_below = |path: &PathBuf| roots.iter().any(|root| path.starts_with(root) || root.starts_with(path));
    told.filter(is_below).collect::<HashSet<_>>().into_iter().collect()
}

/// The database to which a log of SQLite's belongs.
fn database_of(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let database = ["-wal", "-shm", "-journal"].iter().find_map(|log| name.strip_suffix(log))?;
    Some(path.with_file_name(database))
}

/// What is known of `files`; of all files, unless each of them is known as the one it is.
fn known(agent: &Agent, files: &[Changed], pass: &Pass<'_>) -> Result<Known, LedgerError> {
    let all = || pass.ledger.files(agent.id).map(Known::new);
    if *pass.changes == Changes::Anything {
        return all();
    }
    let mut rows = Vec::new();
    for file in files {
        let same = pass.ledger.files_with(agent.id, file.stat.identity)?;
        if !same.iter().any(|row| row.is_at(&file.path)) {
            return all();
        }
        rows.extend(same);
    }
    Ok(Known::new(rows))
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
    let entries = WalkDir::new(root).follow_links(true).into_iter().filter_entry(|entry| is_ours(entry.file_name()));
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
                Ok(stat) => found.push(Changed { path: entry.into_path(), stat, format, ahead: stat.size }),
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
