//! Texts of the screen, typed in the prompt: values find their events, and chips give the same filter.

use std::sync::Arc;

use proptest::prelude::*;
use regtrail::model::zone::Zone;
use regtrail::model::{CATALOGUE, FieldKind};
use regtrail::query::{CatalogueNames, Filter, as_shown, parse, split_range, to_sls};
use regtrail::widgets::chips::chip_text;

use crate::naive;
use crate::oracle::{
    Event, any_blocks, any_event, any_picks, build, derived, filter_of, passes, time_of, value_of,
};

/// Reads a filter line as the prompt does.
fn typed(line: &str, zone: Zone) -> Result<Filter, String> {
    let local = |civil: chrono::NaiveDateTime| zone.instant(civil, 0);
    let names = CatalogueNames::with([Arc::from("owner_id")]);
    let typed = split_range(line, 0, &local).map_err(|error| error.to_string())?;
    parse(&typed.spaced, &names).map_err(|error| error.to_string())?;
    let text = as_shown(&typed.text, &names).map_err(|error| error.to_string())?;
    assert_eq!(
        as_shown(&text, &names).as_ref(),
        Ok(&text),
        "{line} is spelled out once"
    );
    let mut query = parse(&text, &names).map_err(|error| error.to_string())?;
    naive::load(&mut query);
    Ok(Filter {
        text,
        query,
        range: typed.range,
        ..Filter::default()
    })
}

/// Texts of an event that list, detail and facets show: logged values and derived ones.
fn shown(event: &Event) -> Vec<String> {
    let derived_ones = CATALOGUE
        .fields()
        .iter()
        .filter(|info| info.kind == FieldKind::Derived);
    let logged = event.keys().filter(|name| !name.starts_with("__"));
    let names = derived_ones
        .map(|info| info.name.as_str())
        .chain(logged.map(String::as_str));
    let values = names.filter_map(|name| value_of(event, name));
    let has_word = |text: &Arc<str>| regtrail::query::tokens(text).next().is_some();
    let values = values
        .filter(has_word)
        .filter(|text| !text.starts_with('{'));
    values.map(|text| text.to_string()).collect()
}

proptest! {
    #[test]
    fn every_text_that_is_shown_finds_the_events_that_show_it(event in any_event()) {
        for text in shown(&event) {
            match typed(&text, Zone::Utc) {
                Ok(filter) => prop_assert!(passes(&filter, &event, None), "{text}: {:?}", filter.query),
                // A text that is not understood is never taken in silence.
                Err(error) => prop_assert!(!error.is_empty()),
            }
            let quoted = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
            let filter = typed(&quoted, Zone::Utc).expect("quoted text is a query");
            prop_assert!(passes(&filter, &event, None), "{quoted}: {:?}", filter.query);
        }
    }

    #[test]
    fn a_filter_line_typed_back_gives_the_same_filter(
        blocks in any_blocks(), text in naive::any_query(), has_text in any::<bool>(), picks in any_picks(),
        since in proptest::option::of(0i64..200), until in proptest::option::of(200i64..400), nanos in 0i64..2,
        zone in proptest::sample::select(vec!["utc", "+08:00", "source"]),
    ) {
        let zone = Zone::parse(zone, Zone::Utc).expect("a zone");
        let both = build(&blocks, None);
        // A filter of the prompt is spelled out; typed back, it is not once more.
        let names = CatalogueNames::with([Arc::from("owner_id")]);
        let text = as_shown(if has_text { &text } else { "" }, &names).expect("reads");
        let mut filter = filter_of(&both, &text, &picks, (since, until)).expect("reads");
        filter.range.since = filter.range.since.map(|since| since + nanos * 5);
        let chips: Vec<String> = filter.chips().iter().map(|chip| chip_text(&filter, chip, zone)).collect();
        let line = chips.join("  ");
        let again = typed(&line, zone);
        prop_assert!(again.is_ok(), "{line}: {again:?}");
        let again = again.expect("just asserted");
        prop_assert_eq!(again.range, filter.range, "{}", line);
        for (_, event) in &both.sorted {
            prop_assert_eq!(passes(&again, event, None), passes(&filter, event, None), "{}: {:?}", line, event);
        }
    }

    /// The service has no derived fields, so a condition on them must not become a narrower one there.
    #[test]
    fn a_word_of_derived_values_is_never_pushed_down_as_something_narrower(
        event in any_event(),
        words in proptest::collection::vec(proptest::sample::select(vec![
            "push", "pull", "other", "denied", "4xx", "none", "role", "user", "anonymous", "docker", "10.12.4",
            "10.12.4.31", "GetBlob", "prod/web:v1", "action:delete", "status:4xx", "repo:prod/web", "-action:push",
            "2001:db8::1", "10.12.0.0/16", "not denied", "user/sub_user@acme",
        ]), 1..3),
        or in any::<bool>(),
    ) {
        let filter = typed(&words.join(if or { " or " } else { " " }), Zone::Utc).expect("reads");
        let sls = to_sls(&filter);
        let theirs = typed(&sls.query, Zone::Utc).expect("reads");
        let ours = naive::matches(&filter.query, &event, &|name| derived(&event, name), time_of(&event));
        // As the service reads it: over what is logged only.
        let selected = naive::matches(&theirs.query, &event, &|_| None, time_of(&event));
        prop_assert!(selected || !ours, "{:?} -> {}", words, sls.query);
    }
}

/// Domain facts 4.6: searches of the service's documentation mean the same here. The prompt changes none of them: their
/// words are none that only derived values have. Such words are spelled out, and `#"…"` keeps them as they are.
#[test]
fn a_pasted_search_keeps_its_meaning_unless_it_is_spelled_out() {
    let names = CatalogueNames::default();
    for query in [
        "request_method:GET and status in [200 299]",
        "(request_method:GET or request_method:POST) not status in [200 299]",
        "\"and\"",
        "GET 200 cn-shanghai",
        "\"request method\":PUT",
        "\"file info\":apsara",
        "\"Authorization\": \"Bearer 12345\"",
        "cn*",
        "mozi?la",
        "moz* and sa*",
        "host:www*com",
        "http_user_agent:\"Linux Chrome\"",
        "request_uri:/request/path-2",
        "#\"redo_index/1\"",
        "key:#\"abc def\"",
        "instance_id:nginx\\\"01\\\"",
        "owner_id>100",
        "__topic__:HTTPS or __topic__:HTTP",
        "__tag__:__client_ip__:192.0.2.1",
        "not 城市:上海",
        "#\"push\"",
        "#\"denied\" or action:#\"delete\"",
    ] {
        assert_eq!(as_shown(query, &names).as_deref(), Ok(query));
    }
    for (query, spelled) in [
        ("push", "(push or operation:push)"),
        ("not denied", "not (denied or outcome:denied)"),
        ("root", "(root or user:root)"),
    ] {
        assert_eq!(as_shown(query, &names).as_deref(), Ok(spelled));
        let node = parse(query, &names).expect(query);
        assert!(
            node.tests().iter().all(|test| test.field.is_none()),
            "{query} is logged text"
        );
    }
}
