//! From the folder an agent worked in to the project that pays for it.
//!
//! Agents' own names for projects are lossy (Claude Code writes every unusual character as a dash), so only the
//! working folder counts. A folder inside a git repository belongs to the repository, and all worktrees of one
//! repository are one project: git's common folder says so.
//!
//! Written out here rather than taken from a git library: it is three small files to read, and the libraries bring an
//! object database along.

use std::collections::HashMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::places::Side;

/// Folders that agents create inside a project for their own worktrees. They are often gone before they are looked at.
const AGENT_WORKTREES: [[&str; 2]; 2] = [[".claude", "worktrees"], [".codex", "worktrees"]];

/// Finds the project of a working folder. Remembers each answer, since logs name the folder on every line.
#[derive(Debug)]
pub(crate) struct Projects {
    side: Side,
    known: HashMap<String, String>,
}

impl Projects {
    pub(crate) fn new(side: Side) -> Self {
        Self { side, known: HashMap::new() }
    }

    /// Root folder of the project that `folder` belongs to; the folder itself if it is in none, or does not exist here
    /// (another machine's, another platform's, deleted).
    pub(crate) fn root_of(&mut self, folder: &str) -> String {
        if let Some(root) = self.known.get(folder) {
            return root.clone();
        }
        let here = self.side.here(folder);
        let path = Path::new(here.as_deref().unwrap_or(folder));
        let root = if path.is_absolute() {
            repository_of(path).unwrap_or_else(|| without_worktree(path))
        } else {
            path.into()
        };
        let root = root.to_string_lossy().into_owned();
        self.known.insert(folder.to_owned(), root.clone());
        root
    }
}

/// The main folder of the repository around `folder`.
fn repository_of(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find_map(|ancestor| {
        let git = ancestor.join(".git");
        let kind = fs::symlink_metadata(&git).ok()?.file_type();
        if kind.is_dir() {
            return Some(ancestor.to_owned());
        }
        Some(main_of_worktree(ancestor, &git).unwrap_or_else(|| ancestor.to_owned()))
    })
}

/// Follows a worktree's `.git` file to the repository that it belongs to. A submodule has such a file, too, but no
/// common folder: it is a project of its own.
fn main_of_worktree(worktree: &Path, git_file: &Path) -> Option<PathBuf> {
    let pointer = fs::read_to_string(git_file).ok()?;
    let git_dir = worktree.join(pointer.strip_prefix("gitdir:")?.trim());
    let common = fs::read_to_string(git_dir.join("commondir")).ok()?;
    let common = normalised(&git_dir.join(common.trim()));
    // A bare repository has no main folder; it stands for itself.
    if common.file_name()? == ".git" { common.parent().map(Path::to_owned) } else { Some(common) }
}

/// Cuts off an agent's own worktree that no longer exists: `/src/app/.claude/worktrees/fix-1` is `/src/app`.
fn without_worktree(folder: &Path) -> PathBuf {
    let parts: Vec<Component<'_>> = folder.components().collect();
    let at = parts.windows(2).position(|pair| {
        AGENT_WORKTREES.iter().any(|[outer, inner]| pair[0].as_os_str() == *outer && pair[1].as_os_str() == *inner)
    });
    match at {
        Some(at) if at + 2 < parts.len() => parts[..at].iter().collect(),
        _ => folder.to_owned(),
    }
}

/// Resolves `..` by name, as git writes it.
fn normalised(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(clean.pop()),
            Component::CurDir => {}
            other => clean.push(other),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root_of(folder: &Path) -> PathBuf {
        PathBuf::from(Projects::new(Side::Alone).root_of(&folder.to_string_lossy()))
    }

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn t23_a_folder_with_dashes_is_not_taken_apart() {
        for folder in ["/home/u/my-app/web-api", "C:\\Users\\u\\my-app", "/nowhere/a.b c"] {
            assert_eq!(root_of(Path::new(folder)), PathBuf::from(folder));
        }
    }

    #[test]
    fn t23_git_worktrees_fold_into_their_repository() {
        let place = tempfile::tempdir().unwrap();
        let (app, tree) = (place.path().join("app"), place.path().join("app-fix"));
        write(&app.join(".git/HEAD"), "ref: refs/heads/main\n");
        write(&app.join(".git/worktrees/app-fix/commondir"), "../..\n");
        write(&tree.join(".git"), &format!("gitdir: {}\n", app.join(".git/worktrees/app-fix").display()));
        fs::create_dir_all(app.join("src/deep")).unwrap();
        fs::create_dir_all(tree.join("src")).unwrap();
        for folder in [&app, &app.join("src/deep"), &tree, &tree.join("src")] {
            assert_eq!(root_of(folder), app, "{}", folder.display());
        }
    }

    #[test]
    fn t23_worktrees_of_a_real_git_fold_too() {
        let place = tempfile::tempdir().unwrap();
        let app = place.path().join("app");
        let git = |folder: &Path, arguments: &[&str]| {
            let done = std::process::Command::new("git")
                .current_dir(folder)
                .args(["-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "init.defaultBranch=main"])
                .args(arguments)
                .output()
                .unwrap();
            assert!(done.status.success(), "{done:?}");
        };
        fs::create_dir(&app).unwrap();
        git(&app, &["init", "-q"]);
        git(&app, &["commit", "-q", "--allow-empty", "-m", "first"]);
        git(&app, &["worktree", "add", "-q", "../app-fix"]);
        git(&app, &["worktree", "add", "-q", ".claude/worktrees/try"]);
        assert_eq!(root_of(&place.path().join("app-fix")), app);
        assert_eq!(root_of(&app.join(".claude/worktrees/try")), app);
    }

    #[test]
    fn a_submodule_is_a_project_of_its_own() {
        let place = tempfile::tempdir().unwrap();
        let part = place.path().join("app/vendor/part");
        write(&place.path().join("app/.git/HEAD"), "ref: refs/heads/main\n");
        write(&place.path().join("app/.git/modules/part/HEAD"), "ref: refs/heads/main\n");
        write(&part.join(".git"), "gitdir: ../../.git/modules/part\n");
        assert_eq!(root_of(&part), part);
    }

    #[test]
    fn a_worktree_of_an_agent_is_folded_after_it_is_gone() {
        assert_eq!(root_of(Path::new("/src/app/.claude/worktrees/fix-1")), PathBuf::from("/src/app"));
        assert_eq!(root_of(Path::new("/src/app/.claude/worktrees")), PathBuf::from("/src/app/.claude/worktrees"));
    }
}
