use super::*;

/// The tree below a folder, listened to only when the test says so.
fn watched() -> (tempfile::TempDir, Tree) {
    let root = tempfile::tempdir().unwrap();
    let mut tree = Tree::new();
    tree.begin(Arc::new(Inotify::new().unwrap()));
    tree.follow(vec![root.path().to_owned()]);
    (root, tree)
}

/// What is told when a burst is over.
fn told(tree: &mut Tree) -> Changes {
    let mut changes = Changes::default();
    tree.listen(&mut changes);
    tree.settle(&mut changes);
    changes
}

#[test]
fn t25_when_the_system_loses_count_anything_may_have_changed_and_folders_are_looked_for_anew() {
    let (root, mut tree) = watched();
    let queue: u64 = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap().trim().parse().unwrap();
    // The system joins events that are the same, so they alternate.
    for number in 0..queue {
        fs::write(root.path().join((number % 2).to_string()), "").unwrap();
    }
    // Of this one there is no room to tell.
    fs::create_dir(root.path().join("folder")).unwrap();
    assert_eq!(told(&mut tree), Changes::Anything);
    while !told(&mut tree).is_empty() {}
    fs::write(root.path().join("folder/s.jsonl"), "").unwrap();
    assert_eq!(told(&mut tree), Changes::Paths([root.path().join("folder/s.jsonl")].into()));
}

#[test]
fn what_was_written_before_a_new_folder_was_watched_is_told() {
    let (root, mut tree) = watched();
    fs::create_dir_all(root.path().join("2026/11/24")).unwrap();
    fs::write(root.path().join("2026/11/24/r.jsonl"), "").unwrap();
    assert_eq!(told(&mut tree), Changes::Paths([root.path().join("2026/11/24/r.jsonl")].into()));
    fs::write(root.path().join("2026/11/24/r.jsonl"), "{}").unwrap();
    assert_eq!(told(&mut tree), Changes::Paths([root.path().join("2026/11/24/r.jsonl")].into()));
}

#[test]
fn a_tree_in_which_nothing_happens_tells_nothing_however_often_it_is_looked_at() {
    let (root, mut tree) = watched();
    fs::create_dir(root.path().join("p")).unwrap();
    fs::write(root.path().join("p/s.jsonl"), "").unwrap();
    assert!(!told(&mut tree).is_empty());
    for _ in 0..3 {
        tree.follow(vec![root.path().to_owned()]);
        assert_eq!(fs::read(root.path().join("p/s.jsonl")).unwrap(), b"");
        assert_eq!(told(&mut tree), Changes::default());
    }
}

#[test]
fn a_folder_that_is_moved_out_of_the_tree_and_all_below_it_is_let_go() {
    let (root, mut tree) = watched();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("p/below")).unwrap();
    told(&mut tree);
    assert_eq!((tree.folders.len(), tree.by_watch.len(), tree.by_identity.len()), (3, 3, 3));
    fs::rename(root.path().join("p"), elsewhere.path().join("p")).unwrap();
    told(&mut tree);
    assert_eq!((tree.folders.len(), tree.by_watch.len(), tree.by_identity.len()), (1, 1, 1));
    fs::write(elsewhere.path().join("p/below/s.jsonl"), "").unwrap();
    assert_eq!(told(&mut tree), Changes::default());
}

#[test]
fn t25_repositories_that_agents_keep_beside_their_logs_take_no_watches() {
    let (root, mut tree) = watched();
    fs::create_dir_all(root.path().join("task/checkpoints/.git/objects/00")).unwrap();
    fs::write(root.path().join("task/checkpoints/.git/objects/00/a"), "").unwrap();
    assert!(told(&mut tree).is_empty());
    let known: Vec<_> = tree.folders.keys().map(|path| path.strip_prefix(root.path()).unwrap().to_owned()).collect();
    assert_eq!(known, ["", "task", "task/checkpoints"].map(PathBuf::from));
    fs::create_dir(root.path().join(".git")).unwrap();
    assert!(told(&mut tree).is_empty());
    assert_eq!(tree.folders.len(), 3);
}

#[test]
fn what_was_found_without_being_told_is_said_once() {
    let root = tempfile::tempdir().unwrap();
    let later = root.path().join("later");
    let mut tree = Tree::new();
    tree.begin(Arc::new(Inotify::new().unwrap()));
    let roots = || vec![root.path().join("now"), later.clone()];
    fs::create_dir(root.path().join("now")).unwrap();
    assert_eq!([tree.follow(roots()), tree.follow(roots())], [true, false]);
    fs::create_dir(&later).unwrap();
    assert_eq!([tree.follow(roots()), tree.follow(roots())], [true, false]);
}

#[test]
fn of_a_folder_that_is_watched_for_a_file_only_the_file_and_its_logs_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("opencode.db");
    fs::write(&database, "").unwrap();
    fs::create_dir_all(folder.path().join("snapshot/deep")).unwrap();
    let mut tree = Tree::new();
    tree.begin(Arc::new(Inotify::new().unwrap()));
    tree.follow(vec![database.clone()]);
    assert_eq!(tree.watching()[&database], Watching::Live);
    assert_eq!(tree.folders.len(), 1, "what else is in there is not ours");
    fs::create_dir(folder.path().join("snapshot/deeper")).unwrap();
    fs::create_dir(folder.path().join("other")).unwrap();
    fs::write(folder.path().join("auth.json"), "{}").unwrap();
    assert_eq!(told(&mut tree), Changes::default());
    let log = folder.path().join("opencode.db-wal");
    fs::write(&log, "1").unwrap();
    assert_eq!(told(&mut tree), Changes::Paths([log].into()));
    fs::write(&database, "2").unwrap();
    assert_eq!(told(&mut tree), Changes::Paths([database].into()));
    assert_eq!(tree.folders.len(), 1);
}
