//! The price book: what decides what a call costs.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use spendmeter_catalogue::{Catalogue, Context, Evidence, Found, Listing, Point, Rates, Verdict};

use super::cost::{Surcharge, Terms, cost};
use super::own::{OwnPrice, OwnPriceOf, OwnPrices, OwnRates};
use super::place::{Regions, region_of};
use super::plan::Plans;
use super::{Cost, Price, PriceStatus, Priced, PricedBy};
use crate::money::Usd;
use crate::usage::{Attribution, Basis, Tier, UsageRecord};

/// List prices, the user's own prices, and the plans under which sources run.
#[derive(Clone, Debug)]
pub struct PriceBook {
    catalogue: Arc<Catalogue>,
    own: OwnPrices,
    plans: Plans,
    regions: Regions,
}

/// The catalogue that came with this version of the program, as the build packed it.
pub(super) const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/catalogue.bin"));

/// The catalogue that came with this version of the program.
///
/// # Panics
/// Never in a program that was built: a test opens it.
pub fn bundled() -> Arc<Catalogue> {
    static BUNDLED: OnceLock<Arc<Catalogue>> = OnceLock::new();
    let open = || Arc::new(Catalogue::unpack(PACKED).expect("the build packed it"));
    Arc::clone(BUNDLED.get_or_init(open))
}

/// Where the price of calls with one attribution is found.
#[derive(Clone, Copy, Debug)]
pub struct Tariff<'b> {
    book: &'b PriceBook,
    by: By<'b>,
}

#[derive(Clone, Copy, Debug)]
enum By<'b> {
    /// In place of the price, that of another place may hold.
    Listed(Listing<'b>, Option<Listing<'b>>),
    /// What the user said that it costs as much as.
    Like(Listing<'b>),
    Own(&'b str, &'b OwnRates),
    Free,
    Nothing,
}

impl PriceBook {
    /// The list prices of `catalogue`, and what the user says beyond them.
    pub fn new(catalogue: Arc<Catalogue>, own: OwnPrices, mut plans: Plans) -> Self {
        // Of those that were decided before it was kept.
        plans.0.iter_mut().for_each(|plan| plan.find_seller(&catalogue));
        Self { catalogue, own, plans, regions: Regions::default() }
    }

    /// The list prices that came with this version of the program, and nothing else.
    pub fn bundled() -> Self {
        Self::new(bundled(), OwnPrices::default(), Plans::default())
    }

    /// The list prices.
    pub const fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// The prices that the user gave.
    pub const fn own(&self) -> &OwnPrices {
        &self.own
    }

    /// The plans of sources.
    pub const fn plans(&self) -> &Plans {
        &self.plans
    }

    /// Whether a plan covers a call: one under which its source ran, unless it is known that somebody else than its seller
    /// served the call. A cloud charges by the token, whatever its customer pays to the model's maker.
    pub fn covers(&self, record: &UsageRecord) -> bool {
        let Some(plan) = self.plans.at(record.source, record.occurred_at) else { return false };
        let served = record.attribution.provider.as_deref();
        plan.seller.as_deref().zip(served).is_none_or(|(seller, served)| Catalogue::is_provider(served, seller))
    }

    /// What this call costs.
    pub fn price(&self, record: &UsageRecord) -> Priced<'_> {
        self.tariff(&record.attribution).price(record)
    }

    /// Where the price of calls with this attribution is found. The user's word is asked first.
    pub fn tariff(&self, attribution: &Attribution) -> Tariff<'_> {
        let provider = attribution.provider.as_deref();
        let by = attribution.model.as_deref().map_or(By::Nothing, |model| {
            self.own.of(provider, model).map_or_else(|| self.by_list(attribution, model), |own| self.by_own(own))
        });
        Tariff { book: self, by }
    }

    fn by_list(&self, attribution: &Attribution, model: &str) -> By<'_> {
        let Some(found) = self.catalogue.find(attribution.provider.as_deref(), model) else { return By::Nothing };
        let (anywhere, within) = self.regions.told(&self.catalogue, found, attribution.provider.as_deref(), model);
        match (region_of(attribution), within) {
            (None, within) => By::Listed(anywhere, within),
            (Some("global"), _) | (_, None) => By::Listed(anywhere, None),
            (Some(_), Some(within)) => By::Listed(within, None),
        }
    }

    fn by_own<'b>(&'b self, own: &'b OwnPriceOf) -> By<'b> {
        match &own.price {
            OwnPrice::Like { provider, model } => {
                self.catalogue.find(provider.as_deref(), model).map_or(By::Nothing, By::Like)
            }
            OwnPrice::Rates(rates) => By::Own(&own.model, rates),
            OwnPrice::Free => By::Free,
        }
    }
}

impl<'b> Tariff<'b> {
    /// What a call costs.
    ///
    /// All its rates come from the same point: a prompt that crosses a limit is priced anew as a whole, output included.
    pub fn price(&self, record: &UsageRecord) -> Priced<'b> {
        let (price, by) = match self.by {
            By::Listed(listing, elsewhere) => self.listed([Some(listing), elsewhere], record, PriceStatus::Priced),
            By::Like(listing) => self.listed([Some(listing), None], record, PriceStatus::User),
            By::Own(model, rates) => (self.own(rates, record), Some(PricedBy::Own { model, rates })),
            By::Free => (Price { cost: Some(Cost::exactly(Usd::ZERO)), status: PriceStatus::DeclaredFree }, None),
            By::Nothing => (Price::UNPRICED, None),
        };
        let by = by.filter(|_| price.cost.is_some());
        if !self.book.covers(record) {
            return Priced { price, basis: Basis::Estimated, by };
        }
        let status = price.status.under_plan();
        Priced { price: Price { status, ..price }, basis: Basis::ApiEquivalent, by }
    }

    /// By the first listing, or by the second one if the call was run elsewhere. The sum of several calls says of none how
    /// long its prompt was: all may have been short, and one may have been most of it.
    fn listed(
        &self,
        listings: [Option<Listing<'b>>; 2],
        record: &UsageRecord,
        surest: PriceStatus,
    ) -> (Price, Option<PricedBy<'b>>) {
        let Attribution { tier, .. } = &*record.attribution;
        let longest = record.tokens.prompt();
        let points_of = |prompt| listings.map(|listing| point_of(&listing?, record.occurred_at, tier, prompt));
        let [Some(listing), _] = listings else { return (Price::UNPRICED, None) };
        let [Some((point, run)), elsewhere] = points_of(if record.is_sum { 1 } else { longest }) else {
            return (Price::UNPRICED, None);
        };
        let [longer, longer_elsewhere] = if record.is_sum { points_of(longest) } else { [None; 2] };
        let terms = Terms {
            otherwise: [elsewhere, longer, longer_elsewhere].map(|other| Some(&other?.0.rates)),
            ..self.terms(&point.rates, point.rival.as_ref(), Surcharge::of(&record.attribution, &listing))
        };
        let Some((cost, assumed)) = cost(record, terms) else { return (Price::UNPRICED, None) };
        let status = surest.max(found(&listing)).max(run).max(assumed).max(doubt_of_call(point, &cost));
        let by = PricedBy::Point { provider: listing.provider(), model: listing.model(), point };
        (Price { cost: Some(cost), status }, Some(by))
    }

    fn own(&self, own: &OwnRates, record: &UsageRecord) -> Price {
        let found = cost(record, self.terms(&own.rates(), None, Surcharge::Nothing));
        found.map_or(Price::UNPRICED, |(cost, assumed)| Price {
            cost: Some(cost),
            status: assumed.max(PriceStatus::User),
        })
    }

    fn terms<'t>(&self, rates: &'t Rates, rival: Option<&'t Rates>, surcharge: Surcharge) -> Terms<'t> {
        Terms {
            rates,
            rival,
            otherwise: [None; 3],
            surcharge,
            dearest_long_write: self.book.catalogue.dearest_long_write(),
        }
    }
}

/// What it means for a price where it was found.
pub(super) fn found(listing: &Listing<'_>) -> PriceStatus {
    if listing.found() == Found::InOwnList { PriceStatus::Priced } else { PriceStatus::Alias }
}

/// The point, and whether it is that of the way the call was run, or the one for ordinary calls had to do.
fn point_of<'b>(listing: &Listing<'b>, at: Timestamp, tier: &Tier, prompt: u64) -> Option<(&'b Point, PriceStatus)> {
    let run = context(tier);
    let point = listing.charged(at.as_second(), run.unwrap_or(Context::Standard), prompt)?;
    let status = if run == Some(point.context) { PriceStatus::Priced } else { PriceStatus::TierAssumed };
    Some((point, status))
}

/// `None` for a tier that nobody has heard of.
const fn context(tier: &Tier) -> Option<Context> {
    match tier {
        Tier::Standard => Some(Context::Standard),
        Tier::Batch => Some(Context::Batch),
        Tier::Flex => Some(Context::Flex),
        Tier::Priority => Some(Context::Priority),
        Tier::Fast => Some(Context::Fast),
        Tier::Ultrafast => Some(Context::Ultrafast),
        Tier::Other(_) => None,
    }
}

/// What the point says of itself, if it makes a difference for the call.
fn doubt_of_call(point: &Point, cost: &Cost) -> PriceStatus {
    let differs = cost.below > Usd::ZERO || cost.above > Usd::ZERO;
    if differs { doubt(point) } else { PriceStatus::Priced }
}

/// What the point says of itself.
pub(super) const fn doubt(point: &Point) -> PriceStatus {
    match point {
        Point { evidence: Evidence::Forecast, .. } => PriceStatus::Expected,
        Point { verdict: Verdict::Disputed, .. } => PriceStatus::Disputed,
        _ => PriceStatus::Priced,
    }
}
