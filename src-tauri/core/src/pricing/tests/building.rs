//! What `build.rs` makes of a price list, and what it refuses: its modules, on models made up for the purpose.

use serde_json::{Value, json};

#[path = "../../../build/decimal.rs"]
mod decimal;
#[path = "../../../build/rows.rs"]
mod rows;
#[expect(dead_code, reason = "only the build reads a whole list")]
#[path = "../../../build/source.rs"]
mod source;

use rows::Row;
use source::Context;

fn compiled(prices: &Value, variants: &Value) -> Result<Vec<Row>, String> {
    let rule = json!({ "equals": "toy" });
    let model = json!({ "id": "toy", "match": rule, "prices": prices, "price_variants": variants });
    rows::rows(&source::model(&model, "maker")?)
}

#[test]
fn a_price_is_whole_pico_dollars_or_the_build_stops() {
    assert_eq!(decimal::picos_per_token("0.025"), Ok(25_000));
    assert_eq!(decimal::picos_per_token("75"), Ok(75_000_000));
    assert_eq!(decimal::picos_per_token("0.0000010"), Ok(1));
    assert_eq!(decimal::picos_per_piece("10"), Ok(10_000_000_000));
    assert_eq!(decimal::picos_per_token("1.0399999999999998"), Ok(1_040_000), "written out in ROUNDED");
    for refused in ["0.0000001", "0.1399999999999999", "1e-3", "-1", "", ".5", "9999999999999999999"] {
        assert!(decimal::picos_per_token(refused).is_err(), "{refused}");
    }
}

#[test]
fn zero_is_not_free() {
    assert_eq!(compiled(&json!({ "input_mtok": 0, "output_mtok": 0 }), &json!([])), Ok(Vec::new()));
    assert_eq!(compiled(&json!({}), &json!([])), Ok(Vec::new()));
    // Nor does a price that became zero go on as it was: from that day on there is none.
    let dated = json!([
        { "prices": { "input_mtok": 1, "output_mtok": 2 } },
        { "constraint": { "start_date": "2026-08-17" }, "prices": { "input_mtok": 0, "output_mtok": 0 } },
    ]);
    let rows = compiled(&dated, &json!([])).unwrap();
    assert_eq!(rows[0].from, Some(1_786_924_800));
    assert_eq!(rows[0].rates, [None; 6]);
    assert_eq!(rows[1].rates[..2], [Some(1_000_000), Some(2_000_000)]);
    // Free reading from a cache is a price.
    let rows = compiled(&json!({ "input_mtok": 1, "output_mtok": 2, "cache_read_mtok": 0 }), &json!([])).unwrap();
    assert_eq!(rows[0].rates[2], Some(0));
}

#[test]
fn the_row_that_wins_comes_first() {
    let tiered = json!({ "base": 1, "tiers": [{ "start": 1000, "price": 2 }, { "start": 5000, "price": 3 }] });
    let dated = json!([
        { "prices": { "input_mtok": 9, "output_mtok": 9 } },
        { "constraint": { "start_date": "2026-08-17" }, "prices": { "input_mtok": tiered, "output_mtok": 9 } },
    ]);
    let rows = compiled(&dated, &json!([])).unwrap();
    let order: Vec<_> = rows.iter().map(|row| (row.from.is_some(), row.above, row.rates[0])).collect();
    assert_eq!(
        order,
        [
            (true, 5000, Some(3_000_000)),
            (true, 1000, Some(2_000_000)),
            (true, 0, Some(1_000_000)),
            (false, 0, Some(9_000_000)),
        ]
    );
}

#[test]
fn of_variants_the_first_in_force_wins_for_each_kind_and_the_rest_is_the_standard_price() {
    let standard = json!({ "input_mtok": 8, "output_mtok": 9, "cache_read_mtok": 7 });
    let batch = |day: &str, prices: Value| json!({ "when": { "processing": "batch" }, "constraint": { "start_date": day }, "prices": prices });
    let variants = json!([
        batch("2026-12-01", json!({ "input_mtok": 1 })),
        batch("2026-10-14", json!({ "input_mtok": 2, "output_mtok": 3 })),
    ]);
    let rows = compiled(&standard, &variants).unwrap();
    let batch: Vec<_> = rows.iter().filter(|row| row.context == Context::Batch).collect();
    assert_eq!(batch.len(), 2, "none before the first variant is in force: {batch:?}");
    assert_eq!(batch[0].rates[..3], [Some(1_000_000), Some(3_000_000), Some(7_000_000)]);
    assert_eq!(batch[1].rates[..3], [Some(2_000_000), Some(3_000_000), Some(7_000_000)]);
}

#[test]
fn what_is_not_understood_stops_the_build() {
    let price = json!({ "input_mtok": 1, "output_mtok": 1 });
    let variant = |when: Value| compiled(&price, &json!([{ "when": when, "prices": {} }]));
    assert!(compiled(&json!({ "input_gtok": 1 }), &json!([])).unwrap_err().contains("the unknown unit `input_gtok`"));
    assert!(variant(json!({ "speeed": "fast" })).unwrap_err().contains("the unknown condition"));
    assert!(variant(json!({ "speed": "fast", "geo": "us" })).unwrap_err().contains("other than one condition"));
    let weekday = json!([
        { "prices": price },
        { "constraint": { "weekday": "monday" }, "prices": price },
    ]);
    assert!(compiled(&weekday, &json!([])).unwrap_err().contains("the unknown key `weekday`"));
    let only_later = json!([{ "constraint": { "start_date": "2026-08-17" }, "prices": price }]);
    assert!(compiled(&only_later, &json!([])).unwrap_err().contains("moments without a price"));
    assert!(rows::midnight("2026-13-01").is_err());
    assert!(rows::minute_of_day("16:30:00+08:00").is_err());
}

#[test]
fn a_model_whose_price_has_a_part_that_we_cannot_count_has_none() {
    let prices = json!({ "input_mtok": 1, "output_mtok": 1, "requests_kcount": 12 });
    assert_eq!(compiled(&prices, &json!([])), Ok(Vec::new()));
}

#[test]
fn days_begin_at_midnight_utc() {
    for day in ["1970-01-01", "2024-02-29", "2026-03-01", "2026-11-10", "2100-03-01"] {
        let expected: jiff::Timestamp = format!("{day}T00:00:00Z").parse().unwrap();
        assert_eq!(rows::midnight(day), Ok(expected.as_second()), "{day}");
    }
}
