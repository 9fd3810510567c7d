use std::os::unix::fs::symlink;
use std::time::{Duration, SystemTime};

use super::super::limits::Limit;
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
    tree.listen(&mut changes).unwrap();
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
    assert_eq!((tree.folders.len(), tree.watches.folders(), tree.by_identity.len()), (3, 3, 3));
    fs::rename(root.path().join("p"), elsewhere.path().join("p")).unwrap();
    told(&mut tree);
    assert_eq!((tree.folders.len(), tree.watches.folders(), tree.by_identity.len()), (1, 1, 1));
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

#[test]
fn t25_a_file_that_a_link_leads_to_is_told_by_the_name_of_the_link() {
    let (root, mut tree) = watched();
    let elsewhere = tempfile::tempdir().unwrap();
    let [file, other] = ["s.jsonl", "t.jsonl"].map(|name| elsewhere.path().join(name));
    fs::write(&file, "{}\n").unwrap();
    let [link, second] = ["link.jsonl", "second.jsonl"].map(|name| root.path().join(name));
    symlink(&file, &link).unwrap();
    assert_eq!(told(&mut tree), Changes::Paths([link.clone()].into()));
    let append = |to: &Path| {
        use std::io::Write;
        fs::OpenOptions::new().append(true).create(true).open(to).unwrap().write_all(b"{}\n").unwrap();
    };
    append(&file);
    assert_eq!(told(&mut tree), Changes::Paths([link.clone()].into()));
    assert_eq!(tree.watching()[root.path()], Watching::Live);
    // Read by ourselves.
    fs::read(&link).unwrap();
    assert_eq!(told(&mut tree), Changes::default());
    // Replaced, as editors and synchronisers do.
    append(&other);
    fs::rename(&other, &file).unwrap();
    assert_eq!(told(&mut tree), Changes::Paths([link.clone()].into()));
    append(&file);
    assert_eq!(told(&mut tree), Changes::Paths([link.clone()].into()));
    // Two links share the file's watch, until the last of them is gone.
    symlink(&file, &second).unwrap();
    told(&mut tree);
    append(&file);
    assert_eq!(told(&mut tree), Changes::Paths([link.clone(), second.clone()].into()));
    fs::remove_file(&link).unwrap();
    told(&mut tree);
    append(&file);
    assert_eq!(told(&mut tree), Changes::Paths([second.clone()].into()));
    fs::remove_file(&second).unwrap();
    told(&mut tree);
    append(&file);
    assert_eq!((told(&mut tree), tree.links.watches()), (Changes::default(), 0));
}

#[test]
fn t25_a_link_that_was_there_before_and_one_that_leads_to_nothing_yet_are_followed() {
    let root = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("p")).unwrap();
    let [link, dangling] = ["link.jsonl", "dangling.jsonl"].map(|name| root.path().join("p").join(name));
    let [file, later] = ["s.jsonl", "later.jsonl"].map(|name| elsewhere.path().join(name));
    fs::write(&file, "").unwrap();
    symlink(&file, &link).unwrap();
    symlink(&later, &dangling).unwrap();
    let mut tree = Tree::new();
    tree.begin(Arc::new(Inotify::new().unwrap()));
    let roots = || vec![root.path().to_owned()];
    assert_eq!([tree.follow(roots()), tree.follow(roots())], [true, false]);
    fs::write(&file, "{}\n").unwrap();
    assert_eq!(told(&mut tree), Changes::Paths([link].into()));
    fs::write(&later, "{}\n").unwrap();
    assert!(told(&mut tree).is_empty());
    assert_eq!([tree.follow(roots()), tree.follow(roots())], [true, false], "the poll reads it");
    fs::write(&later, "{}\n{}\n").unwrap();
    assert_eq!(told(&mut tree), Changes::Paths([dangling].into()));
    fs::remove_dir_all(root.path().join("p")).unwrap();
    told(&mut tree);
    assert_eq!((tree.links.watches(), tree.watches.folders()), (0, 1));
}

#[test]
fn t25_a_link_to_a_file_for_which_there_is_no_watch_makes_its_folder_polled() {
    let root = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("p")).unwrap();
    fs::write(elsewhere.path().join("s.jsonl"), "").unwrap();
    symlink(elsewhere.path().join("s.jsonl"), root.path().join("p/link.jsonl")).unwrap();
    let mut tree = Tree::new();
    tree.begin(Arc::new(Inotify::new().unwrap()));
    // Two of sixteen are ours: those of the folders.
    tree.watches.limit_now = || Limit { name: "limit", value: 16 };
    let roots = || vec![root.path().to_owned()];
    tree.follow(roots());
    let Watching::Polled { watched: 1, polled: 1, reason } = tree.watching()[root.path()].clone() else {
        panic!("{:?}", tree.watching())
    };
    assert!(reason.contains("(limit = 16) is in use"), "{reason}");
    tree.watches.limit_now = || Limit { name: "limit", value: 24 };
    assert!(tree.follow(roots()), "what was written in between was not told");
    assert_eq!(tree.watching()[root.path()], Watching::Live);
}

#[test]
fn t25_a_database_that_is_a_link_is_told_of_and_polled_for_what_is_written_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let database = folder.path().join("opencode.db");
    fs::write(elsewhere.path().join("real.db"), "").unwrap();
    symlink(elsewhere.path().join("real.db"), &database).unwrap();
    let mut tree = Tree::new();
    tree.begin(Arc::new(Inotify::new().unwrap()));
    tree.follow(vec![database.clone()]);
    fs::write(elsewhere.path().join("real.db"), "1").unwrap();
    assert_eq!(told(&mut tree), Changes::Paths([database.clone()].into()));
    fs::write(elsewhere.path().join("real.db-wal"), "1").unwrap();
    assert!(told(&mut tree).is_empty());
    assert!(matches!(tree.watching()[&database], Watching::Polled { .. }), "{:?}", tree.watching());
}

#[test]
fn another_database_that_appears_beside_one_is_told_of_and_then_read_at_the_poll() {
    let folder = tempfile::tempdir().unwrap();
    let [usual, beta, named] = ["opencode.db", "opencode-beta.db", "named"].map(|name| folder.path().join(name));
    fs::write(&usual, "").unwrap();
    let mut tree = Tree::new();
    tree.begin(Arc::new(Inotify::new().unwrap()));
    tree.follow(vec![usual.clone(), named.clone()]);
    // Told, with the log in which its first calls are, though its name is not known yet.
    fs::write(&beta, "").unwrap();
    let log = folder.path().join("opencode-beta.db-wal");
    fs::write(&log, "").unwrap();
    assert_eq!(told(&mut tree), Changes::Paths([beta.clone(), log].into()));
    // One whose name tells nothing is found by the poll.
    fs::write(&named, "").unwrap();
    assert!(told(&mut tree).is_empty());
    let roots = || vec![usual.clone(), beta.clone(), named.clone()];
    assert_eq!([tree.follow(roots()), tree.follow(roots())], [true, false]);
    fs::write(&named, "1").unwrap();
    assert_eq!(told(&mut tree), Changes::Paths([named.clone()].into()));
    assert_eq!(tree.watching()[&beta], Watching::Live);
}

#[test]
fn a_folder_whose_last_database_is_gone_is_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("opencode.db");
    fs::write(&database, "").unwrap();
    let mut tree = Tree::new();
    tree.begin(Arc::new(Inotify::new().unwrap()));
    tree.follow(vec![database.clone()]);
    fs::remove_file(&database).unwrap();
    told(&mut tree);
    tree.follow(vec![database.clone()]);
    // A working copy of the agent's, which is not ours.
    fs::create_dir(folder.path().join("snapshot")).unwrap();
    assert!(told(&mut tree).is_empty());
    assert_eq!((tree.folders.len(), tree.watching()[&database].clone()), (0, Watching::Absent));
}

#[test]
fn what_was_written_before_a_folder_got_its_watch_back_is_read() {
    let root = tempfile::tempdir().unwrap();
    let mut tree = Tree::new();
    let roots = || vec![root.path().to_owned()];
    assert_eq!([tree.follow(roots()), tree.follow(roots())], [true, false]);
    fs::write(root.path().join("s.jsonl"), "").unwrap();
    let inotify = Arc::new(Inotify::new().unwrap());
    tree.begin(Arc::clone(&inotify));
    assert_eq!([tree.follow(roots()), tree.follow(roots())], [true, false]);
    assert_eq!(tree.watching()[root.path()], Watching::Live);
    tree.end(&inotify, Reason::Failed(5));
    assert!(matches!(&tree.watching()[root.path()], Watching::Polled { watched: 0, polled: 1, .. }));
    tree.begin(Arc::new(Inotify::new().unwrap()));
    assert_eq!([tree.follow(roots()), tree.follow(roots())], [true, false]);
    // Who listened before is the last to go, and takes nothing along.
    tree.end(&inotify, Reason::Unheard);
    assert_eq!(tree.watching()[root.path()], Watching::Live);
    fs::write(root.path().join("s.jsonl"), "{}").unwrap();
    assert_eq!(told(&mut tree), Changes::Paths([root.path().join("s.jsonl")].into()));
}

#[test]
fn t25_a_folder_that_two_links_lead_to_is_told_of_when_the_first_is_moved_away() {
    let (root, mut tree) = watched();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::create_dir(elsewhere.path().join("logs")).unwrap();
    for project in ["p", "q"] {
        fs::create_dir(root.path().join(project)).unwrap();
        symlink(elsewhere.path().join("logs"), root.path().join(project).join("link")).unwrap();
        told(&mut tree);
    }
    fs::rename(root.path().join("p"), elsewhere.path().join("p")).unwrap();
    while !told(&mut tree).is_empty() {}
    fs::write(elsewhere.path().join("logs/s.jsonl"), "").unwrap();
    assert_eq!(told(&mut tree), Changes::Paths([root.path().join("q/link/s.jsonl")].into()));
    assert_eq!(tree.watches.folders(), 3);
}

#[test]
fn a_storm_of_renames_leaves_each_folder_with_one_watch_and_its_last_name() {
    let (root, mut tree) = watched();
    let path = |name: &str| root.path().join(name);
    for name in ["a", "b"] {
        fs::create_dir_all(path(name).join("below")).unwrap();
    }
    told(&mut tree);
    // The folders change places, again and again, and some of it is told while they do.
    for round in 0..200 {
        fs::rename(path("a"), path("c")).unwrap();
        fs::rename(path("b"), path("a")).unwrap();
        fs::rename(path("c"), path("b")).unwrap();
        if round % 7 == 0 {
            tree.listen(&mut Changes::default()).unwrap();
        }
    }
    while !told(&mut tree).is_empty() {}
    assert_eq!((tree.folders.len(), tree.watches.folders(), tree.by_identity.len()), (5, 5, 5));
    for name in ["a", "b"] {
        let file = path(name).join("below/s.jsonl");
        fs::write(&file, "").unwrap();
        assert_eq!(told(&mut tree), Changes::Paths([file].into()));
    }
}

#[test]
fn a_folder_that_is_deleted_and_made_again_at_once_is_watched_however_often() {
    let (root, mut tree) = watched();
    let folder = root.path().join("p");
    for round in 0..50 {
        fs::create_dir_all(folder.join("below")).unwrap();
        if round % 3 == 0 {
            told(&mut tree);
        }
        fs::remove_dir_all(&folder).unwrap();
        if round % 5 == 0 {
            tree.follow(vec![root.path().to_owned()]);
        }
    }
    fs::create_dir_all(folder.join("below")).unwrap();
    while !told(&mut tree).is_empty() {}
    assert_eq!((tree.folders.len(), tree.watches.folders(), tree.by_identity.len()), (3, 3, 3));
    fs::write(folder.join("below/s.jsonl"), "").unwrap();
    assert_eq!(told(&mut tree), Changes::Paths([folder.join("below/s.jsonl")].into()));
}

/// Folders below `root` with a log in each, number 0 the one that changed longest ago.
fn projects(root: &Path, count: u64) {
    for number in 0..count {
        let folder = root.join(format!("p{number:02}"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("s.jsonl"), "").unwrap();
        let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + number);
        fs::File::open(folder.join("s.jsonl")).unwrap().set_modified(changed).unwrap();
        fs::File::open(&folder).unwrap().set_modified(changed).unwrap();
    }
}

/// Which projects have a watch.
fn with_watch(tree: &Tree, root: &Path) -> Vec<String> {
    let watched = tree.folders.iter().filter(|(_, folder)| folder.watch.is_ok());
    let names = watched.filter_map(|(path, _)| path.strip_prefix(root).ok()?.to_str().map(str::to_owned));
    names.filter(|name| !name.is_empty()).collect()
}

#[test]
fn t25_within_our_share_folders_that_changed_last_have_the_watches_and_pass_them_on() {
    let root = tempfile::tempdir().unwrap();
    projects(root.path(), 30);
    let mut tree = Tree::new();
    tree.begin(Arc::new(Inotify::new().unwrap()));
    // Four are ours: that of the root, and three.
    tree.watches.limit_now = || Limit { name: "limit", value: 32 };
    let roots = || vec![root.path().to_owned()];
    tree.follow(roots());
    assert_eq!(with_watch(&tree, root.path()), ["p27", "p28", "p29"]);
    let Watching::Polled { watched: 4, polled: 27, reason } = tree.watching()[root.path()].clone() else {
        panic!("{:?}", tree.watching())
    };
    assert!(reason.contains("(limit = 32) is in use"), "{reason}");
    // Not told, but found by the poll to have been written into.
    fs::write(root.path().join("p03/s.jsonl"), "{}").unwrap();
    assert!(told(&mut tree).is_empty());
    tree.follow(roots());
    assert_eq!(with_watch(&tree, root.path()), ["p03", "p28", "p29"]);
    fs::write(root.path().join("p03/s.jsonl"), "{}{}").unwrap();
    assert_eq!(told(&mut tree), Changes::Paths([root.path().join("p03/s.jsonl")].into()));
    // A new one does not wait for the poll.
    fs::create_dir(root.path().join("new")).unwrap();
    told(&mut tree);
    assert_eq!(with_watch(&tree, root.path()), ["new", "p03", "p29"]);
    tree.watches.limit_now = || Limit { name: "limit", value: 8 * 32 };
    tree.follow(roots());
    assert_eq!(tree.watching()[root.path()], Watching::Live);
}
