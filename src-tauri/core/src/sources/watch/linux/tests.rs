use std::fs;
use std::sync::mpsc::{self, Receiver};

use super::*;

const PATIENCE: Duration = Duration::from_secs(20);

fn watched(root: &std::path::Path) -> (Folders, Receiver<Changes>) {
    let (tell, told) = mpsc::channel();
    let mut folders = Folders::new(Box::new(move |changes| {
        assert!(!matches!(&changes, Changes::Paths(paths) if paths.iter().any(|path| path.ends_with("mistake"))));
        drop(tell.send(changes));
    }));
    folders.follow(vec![root.to_owned()]);
    (folders, told)
}

/// Whether the root is polled, and why.
fn polled(folders: &Folders, root: &std::path::Path) -> Option<String> {
    match &folders.watching()[root] {
        Watching::Polled { reason, .. } => Some(reason.clone()),
        _ => None,
    }
}

#[test]
fn t25_when_the_system_ceases_to_tell_it_is_said_and_all_is_polled_until_it_does_again() {
    let root = tempfile::tempdir().unwrap();
    let (tell, told) = mpsc::channel();
    let mut folders = Folders::new(Box::new(move |changes| drop(tell.send(changes))));
    folders.listen(Arc::new(Inotify::broken())).unwrap();
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), Changes::Anything);
    folders.follow(vec![root.path().to_owned()]);
    let reason = polled(&folders, root.path()).unwrap();
    assert!(reason.contains("ceased to tell of changes"), "{reason}");
    assert!(told.recv_timeout(GATHERED_FOR * 4).is_err(), "what cannot be listened to is not tried again and again");

    assert!(folders.follow(vec![root.path().to_owned()]), "what was written in between was not told");
    assert_eq!(polled(&folders, root.path()), None);
    fs::write(root.path().join("s.jsonl"), "").unwrap();
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), Changes::Paths([root.path().join("s.jsonl")].into()));
}

#[test]
fn a_thread_that_is_gone_does_not_leave_its_folders_as_live() {
    let root = tempfile::tempdir().unwrap();
    let (mut folders, told) = watched(root.path());
    assert_eq!(polled(&folders, root.path()), None);
    fs::write(root.path().join("mistake"), "").unwrap();
    let deadline = std::time::Instant::now() + PATIENCE;
    while polled(&folders, root.path()).is_none() && std::time::Instant::now() < deadline {
        thread::sleep(LISTEN_EVERY);
    }
    let reason = polled(&folders, root.path()).expect("nobody listens, and it is said to be live");
    assert!(reason.contains("by mistake"), "{reason}");
    fs::remove_file(root.path().join("mistake")).unwrap();
    folders.follow(vec![root.path().to_owned()]);
    assert!(polled(&folders, root.path()).is_some(), "it is begun anew at the next poll");
    assert!(folders.follow(vec![root.path().to_owned()]));
    assert_eq!(polled(&folders, root.path()), None);
    fs::write(root.path().join("s.jsonl"), "").unwrap();
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), Changes::Paths([root.path().join("s.jsonl")].into()));
}

#[test]
fn a_watch_that_is_dropped_leaves_no_thread_behind() {
    let root = tempfile::tempdir().unwrap();
    let (folders, told) = watched(root.path());
    let tree = Arc::downgrade(&folders.tree);
    drop(folders);
    // The thread has what tells, and the tree what is asked for watches.
    assert_eq!(told.recv_timeout(PATIENCE), Err(mpsc::RecvTimeoutError::Disconnected));
    let deadline = std::time::Instant::now() + PATIENCE;
    while tree.upgrade().is_some() && std::time::Instant::now() < deadline {
        thread::sleep(LISTEN_EVERY);
    }
    assert!(tree.upgrade().is_none());
}
