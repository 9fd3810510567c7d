//! Names of workspaces, keys and users: lists whose next page begins `after_id`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::listing;
use super::super::query::{self, Bad};
use super::{Organisation, list};
use crate::Request;

/// A workspace other than the default one, which is in no list.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    pub id: String,
    pub name: String,
    pub created: Timestamp,
    pub archived: Option<Timestamp>,
}

/// A key that calls models.
#[derive(Clone, Debug)]
pub struct Key {
    pub id: String,
    pub name: String,
    /// `None` for the default workspace.
    pub workspace: Option<String>,
    /// `active`, `inactive`, `archived`, `expired`.
    pub status: String,
    pub created: Timestamp,
}

impl Default for Key {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            workspace: None,
            status: "active".to_owned(),
            created: Timestamp::UNIX_EPOCH,
        }
    }
}

/// A member of the organisation.
#[derive(Clone, Debug, Default)]
pub struct User {
    pub id: String,
    pub name: String,
    pub email: String,
    pub added: Timestamp,
}

pub(super) fn workspaces(organisation: &Organisation, request: &Request) -> Result<Value, Bad> {
    let archived = query::boolean(request, "include_archived")?;
    let shown = organisation.workspaces.iter().filter(|workspace| archived || workspace.archived.is_none());
    page(request, shown.map(Workspace::shown).collect())
}

/// `version` is the API's: the older one names the workspace beside the scope.
pub(super) fn api_keys(organisation: &Organisation, request: &Request, version: &str) -> Result<Value, Bad> {
    let chosen = |name: &str, value: Option<&str>| request.parameter(name).is_none_or(|asked| value == Some(asked));
    let keys = organisation.api_keys.iter().filter(|key| {
        chosen("status", Some(&key.status)) && chosen("workspace_id", Some(key.scope(&organisation.default_workspace)))
    });
    let shown = keys.map(|key| key.shown(&organisation.default_workspace, version == "2023-06-01"));
    page(request, shown.collect())
}

pub(super) fn users(organisation: &Organisation, request: &Request) -> Result<Value, Bad> {
    let email = request.parameter("email");
    let roles = list(request, "roles");
    let users = organisation.users.iter().filter(|user| email.is_none_or(|email| email == user.email));
    page(request, users.filter(|_| roles.is_empty() || roles.contains(&ROLE)).map(User::shown).collect())
}

/// Everyone's.
const ROLE: &str = "developer";

fn page(request: &Request, items: Vec<Value>) -> Result<Value, Bad> {
    let limit = query::limit(request, "limit", 20, 1_000)?;
    let bound = |name| (name, request.parameter(name));
    let page = listing::page(items, limit, bound("after_id"), bound("before_id"))?;
    Ok(json!({ "data": page.data, "has_more": page.has_more, "first_id": page.first, "last_id": page.last }))
}

impl Workspace {
    fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "type": "workspace",
            "name": self.name,
            "created_at": self.created.to_string(),
            "archived_at": self.archived.map(|moment| moment.to_string()),
            "display_color": "#6C5BB9",
        })
    }
}

impl Key {
    fn scope<'a>(&'a self, default_workspace: &'a str) -> &'a str {
        self.workspace.as_deref().unwrap_or(default_workspace)
    }

    fn shown(&self, default_workspace: &str, with_workspace: bool) -> Value {
        let mut key = json!({
            "id": self.id,
            "type": "api_key",
            "name": self.name,
            "created_at": self.created.to_string(),
            "created_by": { "id": "user_1", "type": "user" },
            "expires_at": null,
            "partial_key_hint": "sk-ant-api03-R2D...igAA",
            "principal": null,
            "status": self.status,
            "scope": { "type": "workspace", "workspace_id": self.scope(default_workspace) },
        });
        if with_workspace {
            key["workspace_id"] = self.workspace.clone().into();
        }
        key
    }
}

impl User {
    fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "type": "user",
            "email": self.email,
            "name": self.name,
            "role": ROLE,
            "added_at": self.added.to_string(),
        })
    }
}
