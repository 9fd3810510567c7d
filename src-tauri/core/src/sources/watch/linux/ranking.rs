//! Which folders are worth a watch most: those in which something changed last.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// A folder that has a watch or could do with one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) path: Arc<Path>,
    /// When something in it last changed.
    pub(super) last_change: i64,
    pub(super) watched: bool,
}

/// The folders, those that changed last first. A folder counts as changed when anything below it did: so whatever is
/// watched, the folders above it are, in which its like appears. `folders` are in the order of their paths.
pub(super) fn latest_first(mut folders: Vec<Candidate>) -> Vec<Candidate> {
    let places: HashMap<_, _> = folders.iter().enumerate().map(|(at, folder)| (Arc::clone(&folder.path), at)).collect();
    // From the end, so that every folder comes after all that is below it.
    for at in (0..folders.len()).rev() {
        if let Some(above) = folders[at].path.parent().and_then(|parent| places.get(parent)) {
            folders[*above].last_change = folders[*above].last_change.max(folders[at].last_change);
        }
    }
    // Stable: of equals, the one above stays first.
    folders.sort_by_key(|folder| Reverse(folder.last_change));
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t25_folders_that_changed_last_come_first_and_what_leads_to_them_before_them() {
        let folders = [("/r", 1), ("/r/2025", 1), ("/r/2025/12", 7), ("/r/2026", 2), ("/r/2026/11", 9), ("/r/a", 8)];
        let candidates =
            folders.map(|(path, last_change)| Candidate { path: Path::new(path).into(), last_change, watched: false });
        let ranked = latest_first(candidates.into());
        let order: Vec<_> = ranked.iter().map(|folder| (folder.path.to_str().unwrap(), folder.last_change)).collect();
        assert_eq!(
            order,
            [("/r", 9), ("/r/2026", 9), ("/r/2026/11", 9), ("/r/a", 8), ("/r/2025", 7), ("/r/2025/12", 7)]
        );
    }
}
