//! regtrail: explore container registry audit logs in the terminal.
//!
//! This is the architecture document: the parts, their connections, and the places for additions. The contracts of
//! single types are documented at the types. `README.md` describes the program for its users.
//!
//! # Bird's eye view
//!
//! A **source** reads bytes. **Decoders** on all cores turn them into rows of **segments**: a row consists of numbers
//! (ordinals) that index dictionaries shared by all segments. One **writer** assembles the segments and publishes an
//! immutable **snapshot**. The **screen** sends requests (a filter and the needs of the visible panes), and the **query
//! worker** answers them on the newest snapshot. `regtrail query` waits until everything is loaded and requests
//! summaries in the same way. It reads events from the snapshot as it prints them; with `--follow`, it prints the new
//! events of each snapshot.
//!
//! The modules form three rings, and imports point inward only. Within a ring, a module imports only modules before it
//! (`tests/it/tidy.rs` has the order, which is that of these lists):
//!
//! - **core**, pure functions and plain data: [`model`], [`query`], [`index`], [`decode`], [`aggregate`], [`export`];
//! - **engine**, threads, files, sockets, clocks: [`source`], [`config`], [`engine`];
//! - **screen**, the only ring that depends on a terminal: [`keymap`], [`theme`], [`widgets`], [`panes`], [`overlays`],
//!   [`app`], [`command`], [`views`], [`input`], [`runtime`].
//!
//! Around them is the program itself: [`cli`], [`failure`], [`setup`], [`filter_args`], [`source_args`],
//! [`query_command`], [`explore`], [`doctor`], [`diagnostics`] and `main.rs`. User files are read once, and their
//! content is passed on: [`setup::Setup`], [`filter_args::FilterFiles`].
//!
//! # From bytes to pixels
//!
//! | step | output | runs on | under load |
//! |---|---|---|---|
//! | a source reads blocks, or splits a file into parts, its end first | [`source::Delivery`] | a task or a blocking thread | the channel is bounded: the source waits |
//! | records are found, decoded and sealed | [`index::Segment`] and rejected records | the decode pool, one decoder per thread | the writer's inbox is bounded: the pool waits |
//! | segments get ids and order, small neighbours are merged | – | the only writer | – |
//! | the data so far is published, at most 25 times per second | [`index::Snapshot`], [`engine::Status`] | the writer | only the newest matters |
//! | a request is sent | [`engine::Ask`] | the screen, or `query` | a newer request makes older ones stale |
//! | it is answered, newest segments first; a slow answer comes in parts | [`engine::Answer`] | the query worker, segments spread over all cores | it checks for a newer request between steps |
//! | the view is exported to a file | [`engine::Writing`] | a separate thread | one file at a time |
//! | the state changes | [`app::Effect`]s | the screen's loop | all pending messages are processed before drawing |
//! | the screen is drawn | changed cells | the screen's loop | at most once per 16 ms after input, per 33 ms after data; no timer while nothing happens, except one per second for live logs |
//!
//! The order of events is total: time, then source, then position in the source; events without a readable time come
//! first. Therefore two runs over the same files print the same bytes, independent of thread timing.
//!
//! # Code map
//!
//! | module | contents | start reading at |
//! |---|---|---|
//! | [`model`] | fields (`assets/fields.toml`), times and zones, derived fields, rejected records, text that is safe to print | [`model::CATALOGUE`] |
//! | [`decode`] | record boundaries; the fast path by templates and the general path by `serde_json` | [`decode::Decoder`] |
//! | [`index`] | dictionaries, columns of codes, segments, snapshots, records rebuilt byte for byte | [`index::Snapshot`] |
//! | [`query`] | the query language: text to tree to text, a value against a test, completion, translation for the log service | [`query::Filter`] |
//! | [`aggregate`] | matches of a filter, facets, histogram, groups, windows of the list | [`aggregate::Planner`] |
//! | [`export`] | tables, records and reports as text | [`export::EXPORTS`] |
//! | [`source`] | source names, files and following them, standard input, synthetic traffic; `http`: endpoints; `sls`: Simple Log Service, from signatures to checkpoints | [`source::SCHEMES`] |
//! | [`engine`] | sources, decode pool, writer and query worker combined | [`engine::Engine`] |
//! | [`config`] | directories, configuration, source profiles, state kept between sessions | [`config::Config`] |
//! | [`app`] | the explorer as a value: messages in, effects out | [`input::update`] |
//! | [`command`] | every command of the user | [`command::all`] |
//! | [`keymap`], [`theme`] | keys and styles as data (`assets/`), with user files merged over them | [`keymap::Keymap`], [`theme::Theme`] |
//! | [`panes`], [`overlays`], [`widgets`] | the state of each pane; overlays on top of the panes; their building blocks | [`panes::list::ListState`] |
//! | [`input`], [`views`] | messages, keys and pointer to changes of the state; drawing of the screen, one file per pane | [`input::update`], [`views::draw`] |
//! | [`runtime`] | the real terminal: set-up, the loop, restoration | [`runtime::run`] |
//! | [`failure`] | failures of the program: errors, exit codes, standard error | [`failure::Failure`] |
//! | [`setup`] | user files: configuration, key map, theme | [`setup::Setup`] |
//! | [`cli`], [`filter_args`] | options; conversion of options to one filter, for the explorer and `query` | [`filter_args::FilterFiles::filter`] |
//! | [`source_args`] | resolution of arguments, options and profiles to sources, with the part of the filter that a service applies | [`source_args::Opening::sources`] |
//! | [`diagnostics`] | actions of the program and their durations, in a file (`--log-file`) | [`diagnostics::start`] |
//! | [`doctor`] | `regtrail doctor`: checks a source step by step | [`doctor::run`] |
//! | [`query_command`], [`explore`] | `regtrail query`, once or following (`query_command/follow`); assembly of the explorer | [`query_command::run`], [`explore::run`] |
//!
//! Data is next to the code: `assets/` is compiled in (fields, keys, themes, configuration, samples), `tests/it/` is
//! the only binary of integration tests, `tests/{screens,query,decode,export}/` are its data.
//!
//! # The index
//!
//! Audit events are repetitive: a handful of actions, some thousand repositories, the same identity in seven fields.
//! The layout takes advantage of that.
//!
//! - **Dictionaries grow, ordinals stay.** A value is numbered once, for the whole epoch. A snapshot sees a prefix of
//!   each dictionary, so readers need no lock.
//! - **Tuple columns.** Fields that depend on each other share one column ([`index::GROUPS`]): its ordinal represents
//!   the whole tuple, and each member, and every derived field of it, is a map from ordinal to ordinal. Counting by
//!   user, account or role reads the same bytes.
//! - **Codes are local to a segment.** A segment has a list of the ordinals it uses, and per row a code of one or two
//!   bytes that indexes the list; a column with one value costs nothing. Tests run over the list, not the rows. The
//!   list is sorted by ordinal, so that sums over all segments are written from front to back.
//! - **Typed columns** if every value differs: time (with its spelling in a dictionary), request id, log time. The port
//!   of an address is separate: addresses are few, but nearly every request has another port.
//! - **Templates rebuild records.** The text between the values (names, order, blanks, escapes) is a template with an
//!   ordinal of its own ([`index::template`]). Template and values reproduce the record as it was read, so its text is
//!   not kept. Decoding uses the same templates to predict the next bytes.
//! - **Eviction leaves nothing behind.** Above the memory limit, the segments with the oldest events are evicted. Once
//!   more events are evicted than held, the writer starts new dictionaries and moves the rest to them
//!   ([`index::Compactor`]): ordinals change, codes and rows are shared. An epoch is such a set of dictionaries, and
//!   nothing that was computed for ordinals outlives it.
//! - **Segments never change.** They are sorted by time, and merging small ones keeps the ids of events. Sets of rows
//!   are cached by segment and condition, so a live tail computes new segments only.
//!
//! # Invariants
//!
//! Most of these are enforced by `tests/it/tidy.rs`; the rest by the types.
//!
//! - The core has no threads of its own, no clock, no files, no sockets and no terminal (`rayon` spreads pure work).
//! - Nothing outside the screen ring depends on `ratatui` or `crossterm`; inside it, [`panes`], [`app`], [`command`]
//!   and [`input`] do not either.
//! - Decoding has no error: an unreadable record is a [`model::Defect`], next to the events.
//! - No data is locked while drawing. Drawing changes nothing.
//! - The loop of the screen never waits for data, and nothing else draws.
//! - There is no second list of commands, fields, sources, formats or themes: help, palette, completion and the tables
//!   of the manual are made from the rows.
//! - No text of a log reaches a terminal unescaped: [`model::visible`] and [`widgets::text`] escape it.
//! - No row numbers are kept across answers: the view is anchored to an [`model::EventId`].
//! - No `unsafe` except the vector instructions of `decode/simd.rs`, no `unwrap` outside tests, no file of code over
//!   400 lines without a documented reason.
//!
//! # How to add a …
//!
//! | new … | touch | fails if a step is forgotten |
//! |---|---|---|
//! | field | a row in `assets/fields.toml`, its id and name in `model/field.rs`; for a derived one its function in [`model::derive`] and its home in `index/layout.rs` | `parity::every_id_is_the_row_of_its_name`, `parity::every_field_occurs_in_a_sample` |
//! | source | a module in `source/`, a variant of [`source::Spec`], a row in [`source::SCHEMES`], an arm in `engine/sources.rs` | `parity::every_scheme_parses_its_example`; the compiler |
//! | arrangement of input | [`decode::Framer`] or another reader, [`decode::detect`], a file in `assets/samples` | `demo::samples_hold_the_same_events_in_every_arrangement`, `e2e::every_arrangement_of_json_gives_the_same_answers` |
//! | broken input | a file in `tests/decode/broken` and a row in `tests/it/demo.rs` | `demo::every_broken_input_is_listed` |
//! | condition of the query language | [`query::TestOp`] and its arms, a form in [`query::help`] | the compiler, `query_properties` |
//! | command | a function and a row in `command/<domain>.rs`, with its task, other words for the palette (`also`), and the reason why it cannot run (`unless`); a line in `command/page.rs` if it is one of the most important commands | `parity::every_command_has_a_name_of_its_own_and_a_line_of_help`, `parity::every_line_of_the_page_of_help_has_its_keys_where_it_is_shown` |
//! | key | a line in `assets/keymap.toml` | `parity::every_binding_runs_a_command_that_takes_its_argument` |
//! | pane | a folder in `panes/`, a [`PaneId`](app::layout::PaneId), its place in [`app::layout::layout`], a file in `views/` and a line in [`views::draw`] | the compiler, `screens` |
//! | overlay | a file in `overlays/` with its state and its [`overlays::Panel`], its line in `overlays!`, a row in `command/<domain>.rs` that opens it; if it has keys of its own, a scope in [`keymap::SCOPES`] and in `assets/keymap.toml`; if it requests something new, a topic in [`overlays::Topics`] and the engine's half | the compiler, `parity::every_overlay_has_keys_hints_and_recorded_screens`, `parity::every_part_of_an_answer_has_a_rule_for_masking` |
//! | prompt | a [`overlays::PromptKind`], its title and hints in `overlays/prompt.rs`, the handling of its text in `input/prompt.rs`, a row in `command/<domain>.rs` | the compiler |
//! | export format | a writer and a row in [`export::EXPORTS`] | `parity::every_export_has_its_golden_file` |
//! | theme | a file in `assets/themes`, a line in `theme/mod.rs` | `parity::every_theme_is_built_in_and_has_no_problems` |
//! | role of a theme | a row in `theme/role.rs`, its style in `assets/themes/dark.toml` | the same |
//! | setting | a key in `assets/config.toml` and in [`config::Config`] | `parity::the_template_of_the_configuration_is_the_default` |
//! | request | its parameters in [`engine::Wants`], its result in [`engine::Answer`], both in `engine/execute`; its sender: a pane or overlay, and `query` | the compiler |
//! | answerer | an implementation of [`engine::Answerer`], passed to the worker in `engine/handle.rs` | the compiler; `engine::worker` tests its guarantees |
//! | module | its ring and its place in `tests/it/tidy.rs` | `tidy::every_module_has_its_place_in_the_order` |
//!
//! After a change of a table, `BLESS=1 cargo test --test it tidy` regenerates `assets/manual`.
//!
//! # Style
//!
//! Everything people read, from `--help` to doc comments, is plain technical English: the words of the field, one
//! meaning per word, short sentences. `tests/it/plain.rs` rejects the worst of the words on the right in texts for
//! users.
//!
//! | write | not |
//! |---|---|
//! | evict, evicted | let go |
//! | memory limit | ceiling |
//! | detected by | told by, told from |
//! | again, new, renew | anew |
//! | search for | sought |
//! | current, given | at hand |
//! | indefinitely, until … | for ever |
//! | anyone who, the caller | whoever |
//! | get logs | how logs are had |
//! | pass, forward | hand on |
//! | reverse | the other way round |
//! | rejected record | bad record, flaw, defect (in texts; `Defect` in code) |
//! | matches | hits |
//! | request, response | question, answer (in new names) |
//!
//! Commands and options start with a verb, in at most 50 characters. Errors say what failed, where, why, and what to
//! do: ``cannot read config.toml:12: unknown key "theem" (did you mean "theme"?)``. A doc comment starts with what the
//! item is or does, then units, order, cost and errors; it does not repeat the name. Commit messages are `area: what
//! changes`, in the imperative, with the reason in the body.

pub mod aggregate;
pub mod app;
pub mod cli;
pub mod command;
pub mod config;
pub mod decode;
pub mod diagnostics;
pub mod doctor;
pub mod engine;
pub mod explore;
pub mod export;
pub mod failure;
pub mod filter_args;
pub mod index;
pub mod input;
pub mod keymap;
pub mod manual;
pub mod model;
pub mod overlays;
pub mod panes;
pub mod query;
pub mod query_command;
pub mod runtime;
pub mod setup;
pub mod source;
pub mod source_args;
pub mod theme;
pub mod views;
pub mod widgets;
