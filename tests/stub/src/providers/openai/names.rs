//! Names of projects, keys and users: lists whose next page begins `after` the last id of this one.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::listing;
use super::super::query::{self, Bad};
use super::{Organisation, list};
use crate::{Answer, Request};

/// A project and its keys.
#[derive(Clone, Debug, Default)]
pub struct Project {
    pub id: String,
    pub name: String,
    pub created: Timestamp,
    pub archived: Option<Timestamp>,
    pub keys: Vec<Key>,
}

/// A key of a project; its secret is shown to nobody.
#[derive(Clone, Debug, Default)]
pub struct Key {
    pub id: String,
    pub name: String,
    pub created: Timestamp,
    pub last_used: Option<Timestamp>,
    pub owner: Owner,
}

/// Whose key it is.
#[derive(Clone, Debug)]
pub enum Owner {
    /// By the user's id.
    User(String),
    /// By its name.
    ServiceAccount(String),
}

impl Default for Owner {
    fn default() -> Self {
        Self::ServiceAccount("service".to_owned())
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

/// `None` when there is no such endpoint.
pub(super) fn answer(organisation: &Organisation, path: &[&str], request: &Request) -> Result<Option<Answer>, Bad> {
    let archived = query::boolean(request, "include_archived")?;
    let emails = list(request, "emails");
    let items: Vec<Value> = match path {
        ["projects"] => {
            let shown = organisation.projects.iter().filter(|project| archived || project.archived.is_none());
            shown.map(Project::shown).collect()
        }
        ["projects", id, "api_keys"] => {
            let Some(project) = organisation.projects.iter().find(|project| project.id == *id) else { return Ok(None) };
            project.keys.iter().map(|key| key.shown(&organisation.users)).collect()
        }
        ["users"] => {
            let users = organisation.users.iter();
            users.filter(|user| emails.is_empty() || emails.contains(&user.email.as_str())).map(User::shown).collect()
        }
        _ => return Ok(None),
    };
    let limit = query::limit(request, "limit", 20, 100)?;
    let page = listing::page(items, limit, ("after", request.parameter("after")), ("before", None))?;
    Ok(Some(Answer::json(
        200,
        &json!({
            "object": "list",
            "data": page.data,
            "first_id": page.first,
            "last_id": page.last,
            "has_more": page.has_more,
        }),
    )))
}

impl Project {
    fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "object": "organization.project",
            "name": self.name,
            "created_at": self.created.as_second(),
            "archived_at": self.archived.map(Timestamp::as_second),
            "status": if self.archived.is_some() { "archived" } else { "active" },
        })
    }
}

impl Key {
    fn shown(&self, users: &[User]) -> Value {
        let owner = match &self.owner {
            Owner::ServiceAccount(name) => json!({
                "type": "service_account",
                "service_account": { "id": "svc_acct_1", "name": name, "created_at": 0, "role": "member" },
            }),
            Owner::User(id) => {
                let user = users.iter().find(|user| user.id == *id).cloned().unwrap_or_default();
                json!({
                    "type": "user",
                    "user": {
                        "id": id,
                        "email": user.email,
                        "name": user.name,
                        "created_at": user.added.as_second(),
                        "role": "owner",
                    },
                })
            }
        };
        json!({
            "object": "organization.project.api_key",
            "redacted_value": "sk-proj-***Qx4A",
            "name": self.name,
            "created_at": self.created.as_second(),
            "last_used_at": self.last_used.map(Timestamp::as_second),
            "id": self.id,
            "owner_project_access": "active",
            "owner": owner,
        })
    }
}

impl User {
    fn shown(&self) -> Value {
        json!({
            "object": "organization.user",
            "id": self.id,
            "name": self.name,
            "email": self.email,
            "role": "owner",
            "added_at": self.added.as_second(),
        })
    }
}
