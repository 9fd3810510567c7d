//! Editors made from VS Code, and where they keep what extensions write.

use std::path::PathBuf;

use crate::places::Places;

/// What the editors call their folders. The first is the usual one.
const EDITORS: [&str; 8] =
    ["Code", "Code - Insiders", "VSCodium", "Cursor", "Windsurf", "Trae", "Code - OSS", "Positron"];

/// Where the editors' halves on this machine keep theirs, when the editor itself runs on another.
const SERVERS: [&str; 4] = [".vscode-server", ".vscode-server-insiders", ".cursor-server", ".windsurf-server"];

/// The folder of one editor's user.
pub(super) fn user_folder(places: &Places, editor: &str) -> PathBuf {
    let applications = if cfg!(target_os = "macos") {
        places.home().join("Library/Application Support")
    } else if cfg!(windows) {
        places.folder("APPDATA").unwrap_or_else(|| places.home().join("AppData/Roaming"))
    } else {
        places.config_home()
    };
    applications.join(editor).join("User")
}

/// The folders in which an extension keeps its files: in every editor that has it, or in the usual one if none has.
pub(super) fn folders_of_extension(places: &Places, extension: &str) -> Vec<PathBuf> {
    let users = EDITORS.iter().map(|editor| user_folder(places, editor));
    let users = users.chain(SERVERS.iter().map(|server| places.home().join(server).join("data/User")));
    let mut folders: Vec<PathBuf> = users.map(|user| user.join("globalStorage").join(extension)).collect();
    let usual = folders[0].clone();
    folders.retain(|folder| folder.is_dir());
    if folders.is_empty() {
        folders.push(usual);
    }
    folders
}
