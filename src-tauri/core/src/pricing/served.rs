//! Who serves a model that a person names without saying so.

use spendmeter_catalogue::{Catalogue, Found};

/// Who serves the model that is called so: whoever served calls of that name. If there are none, who spells names like that,
/// or else its maker. `used` are the models of calls, as calls name them. The maker goes first, and then whoever takes over
/// the maker's price.
///
/// Never empty. `None` is a provider that nobody knows: calls do not tell it, or nothing tells whose model it is.
pub fn servers(catalogue: &Catalogue, used: &[(Option<String>, String)], model: &str) -> Vec<Option<String>> {
    let model = model.trim();
    let called_so = used.iter().filter(|(_, name)| name.eq_ignore_ascii_case(model));
    let mut servers: Vec<Option<String>> = called_so.map(|(provider, _)| provider.clone()).collect();
    let at_maker = catalogue.find(None, model);
    if servers.is_empty() {
        let listing = catalogue.find_by_form(model).or(at_maker);
        servers.push(listing.map(|listing| listing.provider().to_owned()));
    }
    let maker = at_maker.map(|listing| listing.provider());
    servers.sort_by_key(|server| {
        let listing = catalogue.find(server.as_deref(), model);
        let provider = listing.map(|listing| listing.provider());
        (provider != maker, listing.map(|listing| listing.found()) != Some(Found::InOwnList))
    });
    servers
}
