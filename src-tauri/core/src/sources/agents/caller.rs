//! Who makes the calls that a log tells of.

use std::sync::Arc;

use crate::usage::{Attribution, Tier};

/// Who makes a call, as far as an agent's log tells.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Caller<'l> {
    pub(super) provider: Option<&'l str>,
    pub(super) model: Option<&'l str>,
    /// The folder the agent works in.
    pub(super) project: Option<&'l str>,
    pub(super) branch: Option<&'l str>,
    pub(super) session: Option<&'l str>,
    /// The turn.
    pub(super) task: Option<&'l str>,
    pub(super) subagent: Option<&'l str>,
    pub(super) client: Option<&'l str>,
    /// The provider's name for the way it ran the call.
    pub(super) tier: Option<&'l str>,
    pub(super) region: Option<&'l str>,
}

impl Caller<'_> {
    /// Its attribution as a caller of `agent`: `last`, unless something is different. Most calls of a log have the same.
    pub(super) fn attribution(self, agent: &'static str, last: &mut Arc<Attribution>) -> Arc<Attribution> {
        let tier = Tier::named(self.tier.unwrap_or_default());
        let is_same = last.agent.is_some()
            && last.model.as_deref() == self.model
            && last.session.as_deref() == self.session
            && last.subagent.as_deref() == self.subagent
            && last.provider.as_deref() == self.provider
            && last.project.as_deref() == self.project
            && last.branch.as_deref() == self.branch
            && last.task.as_deref() == self.task
            && last.client.as_deref() == self.client
            && last.region.as_deref() == self.region
            && last.tier == tier;
        if !is_same {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            *last = Arc::new(Attribution {
                agent: Some(agent.to_owned()),
                provider: owned(self.provider),
                model: owned(self.model),
                project: owned(self.project),
                branch: owned(self.branch),
                session: owned(self.session),
                task: owned(self.task),
                subagent: owned(self.subagent),
                client: owned(self.client),
                region: owned(self.region),
                tier,
                ..Attribution::default()
            });
        }
        Arc::clone(last)
    }
}
