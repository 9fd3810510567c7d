//! Where a cloud ran a call, which has its price and which its answers do not always tell.

use std::sync::OnceLock;

use spendmeter_catalogue::{Catalogue, Listing};

use crate::usage::Attribution;

/// How Bedrock's ids begin, of the same model run anywhere and run within a region.
const ANYWHERE: &str = "global.";
const WITHIN: &str = "regional.";

/// Within a region of Bedrock, most models cost a tenth more than anywhere, and so does Claude on Vertex AI. Bedrock's ids
/// say where, but what its models call themselves in their answers does not; Vertex AI never says. A catalogue has both prices
/// for Bedrock, and that of anywhere for Vertex AI.
#[derive(Clone, Debug, Default)]
pub(super) struct Regions {
    /// Bedrock's ids of Claude within a region, where that costs something of its own. All of the catalogue is looked at for
    /// them: once, if at all.
    claudes: OnceLock<Vec<String>>,
}

impl Regions {
    /// The price that was found for a model which `provider` served, if it is known who did: run anywhere; and the price that
    /// holds instead if it was run within a region. Always the same two for the same model.
    pub(super) fn told<'c>(
        &self,
        catalogue: &'c Catalogue,
        found: Listing<'c>,
        provider: Option<&str>,
        model: &str,
    ) -> (Listing<'c>, Option<Listing<'c>>) {
        if found.provider() == "aws" {
            let anywhere = anywhere_on_bedrock(catalogue, &found).filter(|_| !names_its_maker(model, &found));
            return anywhere.map_or((found, None), |anywhere| (anywhere, Some(found)));
        }
        let claude = Some(found.model()).filter(|model| is_vertex(provider, &found) && model.starts_with("claude-"));
        (found, claude.and_then(|claude| self.claude_within(catalogue, claude)))
    }

    fn claude_within<'c>(&self, catalogue: &'c Catalogue, model: &str) -> Option<Listing<'c>> {
        let claudes = self.claudes.get_or_init(|| {
            let of_claude =
                |listing: &Listing<'_>| listing.provider() == "aws" && id_of_claude(listing.model()).is_some();
            let of_claude = catalogue.models().filter(of_claude);
            of_claude
                .filter(|listing| anywhere_on_bedrock(catalogue, listing).is_some())
                .map(|listing| listing.model().to_owned())
                .collect()
        });
        // After the model, there may be its date and a version.
        let is_of_model = |id: &&String| {
            let rest = id_of_claude(id).and_then(|id| id.strip_prefix(model));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("-v") || rest.starts_with("-20"))
        };
        catalogue.find(Some("aws"), claudes.iter().find(is_of_model)?)
    }
}

/// Whether Vertex AI served what has this price: it takes over from the maker what Google does not list.
pub(super) fn is_vertex(provider: Option<&str>, found: &Listing<'_>) -> bool {
    provider.map_or(found.provider() == "google", |name| Catalogue::is_provider(name, "google"))
}

/// Where a call was run, if its source tells.
pub(super) fn region_of(attribution: &Attribution) -> Option<&str> {
    attribution.region.as_deref().filter(|region| !["", "not_available"].contains(region))
}

fn id_of_claude(id: &str) -> Option<&str> {
    id.strip_prefix(WITHIN)?.strip_prefix("anthropic.")
}

/// The price of the same model run anywhere, of one run within a region.
fn anywhere_on_bedrock<'c>(catalogue: &'c Catalogue, within: &Listing<'c>) -> Option<Listing<'c>> {
    let id = within.model().strip_prefix(WITHIN)?;
    catalogue.find(Some("aws"), &format!("{ANYWHERE}{id}"))
}

/// Whether a call has the model's id on Bedrock, which begins with a place, if it is not the region of the one who asks, and
/// its maker: `us.anthropic.…`, `anthropic.…`.
fn names_its_maker(model: &str, listing: &Listing<'_>) -> bool {
    let maker = listing.model().split('.').nth(1).unwrap_or_default();
    model.to_ascii_lowercase().contains(&format!("{maker}."))
}

/// Whether it is the price within a region.
pub(super) fn is_within(listing: &Listing<'_>) -> bool {
    listing.model().starts_with(WITHIN)
}
