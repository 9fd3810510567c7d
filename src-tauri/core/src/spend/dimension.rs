//! The dimensions by which spend is cut.

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// Coding agent or app.
    Agent,
    /// Who serves the model.
    Provider,
    /// Model.
    Model,
    /// Project.
    Project,
    /// Git branch.
    Branch,
    /// Workflow of an LLM app.
    Workflow,
    /// Conversation.
    Session,
    /// Person.
    User,
    /// API key.
    Key,
    /// Service tier.
    Tier,
}

impl Dimension {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 10] = [
        Self::Agent,
        Self::Provider,
        Self::Model,
        Self::Project,
        Self::Branch,
        Self::Workflow,
        Self::Session,
        Self::User,
        Self::Key,
        Self::Tier,
    ];

    /// Its name on the command line and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            other => other.column(),
        }
    }

    /// Its column in the ledger's `attribution`.
    pub(super) const fn column(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Provider => "provider",
            Self::Model => "model",
            Self::Project => "project",
            Self::Branch => "branch",
            Self::Workflow => "workflow",
            Self::Session => "session",
            Self::User => "user",
            Self::Key => "api_key",
            Self::Tier => "tier",
        }
    }
}

/// What people call a project: the last part of its folder, and as many of the parts before as it takes to tell it from
/// the others.
pub fn project_labels(folders: &[&str]) -> Vec<String> {
    let parts: Vec<Vec<&str>> =
        folders.iter().map(|folder| folder.split(['/', '\\']).filter(|part| !part.is_empty()).collect()).collect();
    let label = |parts: &[&str], count: usize| parts[parts.len() - count.min(parts.len())..].join("/");
    parts
        .iter()
        .enumerate()
        .map(|(own, path)| {
            let unique = |count: &usize| {
                parts
                    .iter()
                    .enumerate()
                    .all(|(other, path)| other == own || label(path, *count) != label(&parts[own], *count))
            };
            let count = (1..=path.len()).find(unique).unwrap_or(path.len());
            if path.is_empty() { folders[own].to_owned() } else { label(path, count) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_of_the_same_name_are_told_apart_by_the_folder_above() {
        let labels =
            project_labels(&["/home/u/shop/api", "/home/u/blog/api", "/home/u/infra", "C:\\src\\web-api", "/"]);
        assert_eq!(labels, ["shop/api", "blog/api", "infra", "web-api", "/"]);
    }
}
