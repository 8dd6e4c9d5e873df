//! regtrail: explore container-registry audit trails in the terminal.
//!
//! This is the architecture document: what the parts are, what holds them together, and where to add things.
//! What single types promise stands at the types. `README.md` says what the program is for.
//!
//! # Bird's eye view
//!
//! A **source** reads bytes. **Decoders** on all cores turn them into rows of **segments**: a row holds numbers
//! (ordinals) into dictionaries that are shared by all segments. One **writer** strings the segments together and
//! publishes a **snapshot**, which never changes. The **screen** asks questions (a filter and what the visible
//! panes want) and the **query worker** answers them on the newest snapshot. `regtrail query` waits until
//! everything is loaded and asks for sums in the same way; events it reads from the snapshot as it prints them, with
//! `--follow` those that are new in each.
//!
//! Three rings, imports point inward only; within a ring they point to what stands before (`tests/it/tidy.rs` has the
//! order, which is that of the lists here):
//!
//! - **core**, pure functions and plain data: [`model`], [`query`], [`index`], [`decode`], [`aggregate`], [`export`];
//! - **engine**, threads, files, sockets, clocks: [`source`], [`config`], [`engine`];
//! - **screen**, the only place that knows a terminal: [`keymap`], [`theme`], [`widgets`], [`panes`], [`overlays`],
//!   [`app`], [`command`], [`views`], [`input`], [`runtime`].
//!
//! Around them the program itself: [`cli`], [`failure`], [`setup`], [`filter_args`], [`source_args`], [`query_command`],
//! [`explore`], [`doctor`], [`diagnostics`] and `main.rs`. The files of the user are read once, and what is in them is
//! handed on: [`setup::Setup`], [`filter_args::FilterFiles`].
//!
//! # From bytes to pixels
//!
//! | step | hands on | runs on | when it is too much |
//! |---|---|---|---|
//! | a source reads blocks, or hands out parts of a file, its end first | [`source::Delivery`] | a task or a blocking thread | the channel is bounded: the source waits |
//! | records are found, decoded and sealed | [`index::Segment`] and flaws | the decode pool, a decoder a thread | the writer's inbox is bounded: the pool waits |
//! | segments get ids and order, small neighbours are merged | – | the one writer | – |
//! | what is there is published, at most 25 times a second | [`index::Snapshot`], [`engine::Status`] | the writer | the newest counts |
//! | a question is asked | [`engine::Ask`] | the screen, or `query` | a newer question makes older ones stale |
//! | it is answered, newest segments first; a slow answer comes in parts | [`engine::Answer`] | the query worker, segments spread over all cores | it looks for a newer question between steps |
//! | what is shown is written to a file | [`engine::Writing`] | a thread of its own | one file at a time |
//! | the state changes | [`app::Effect`]s | the screen's loop | all messages that wait are taken before drawing |
//! | the screen is drawn | changed cells | the screen's loop | at most once per 16 ms after input, per 33 ms after data; while nothing happens no timer, but for one a second where a log is live |
//!
//! The order of events is total: time, then source, then position in the source; events whose time cannot be read
//! come first. So two runs over the same files print the same bytes, whatever the threads did.
//!
//! # Code map
//!
//! | module | what is in it | start reading at |
//! |---|---|---|
//! | [`model`] | fields (`assets/fields.toml`), times and zones, derived fields, defects, what may be printed | [`model::CATALOGUE`] |
//! | [`decode`] | where records start and end; the fast way by templates and the general way by `serde_json` | [`decode::Decoder`] |
//! | [`index`] | dictionaries, columns of codes, segments, snapshots, records rebuilt byte for byte | [`index::Snapshot`] |
//! | [`query`] | the language: text to tree to text, one value against one test, completion, translation for the log service | [`query::Filter`] |
//! | [`aggregate`] | matches of a filter, facets, histogram, groups, windows of the list | [`aggregate::Planner`] |
//! | [`export`] | tables, records and reports as text | [`export::EXPORTS`] |
//! | [`source`] | what a user can name, files and following them, standard input, the synthetic traffic; `http`: endpoints; `sls`: Simple Log Service, from signatures to checkpoints | [`source::SCHEMES`] |
//! | [`engine`] | sources, decode pool, writer and query worker put together | [`engine::Engine`] |
//! | [`config`] | directories, the configuration, profiles of sources, the remembered lines of the prompt | [`config::Config`] |
//! | [`app`] | the explorer as a value: messages in, effects out | [`input::update`] |
//! | [`command`] | everything a person can do | [`command::all`] |
//! | [`keymap`], [`theme`] | keys and looks as data (`assets/`), users' files over them | [`keymap::Keymap`], [`theme::Theme`] |
//! | [`panes`], [`overlays`], [`widgets`] | the state of each pane; what lies over the panes; what they are made of | [`panes::list::ListState`] |
//! | [`input`], [`views`] | messages, keys and the pointer to changes of the state; the whole screen drawn, a file a pane | [`input::update`], [`views::draw`] |
//! | [`runtime`] | the real terminal: set-up, the loop, restoration | [`runtime::run`] |
//! | [`failure`] | how the program fails: its errors, exit codes, standard error | [`failure::Failure`] |
//! | [`setup`] | what the user's files say: configuration, key map, theme | [`setup::Setup`] |
//! | [`cli`], [`filter_args`] | the options; from options to one filter, for the explorer and `query` alike | [`filter_args::FilterFiles::filter`] |
//! | [`source_args`] | from arguments, options and profiles to the sources to open, with what of the filter a service applies | [`source_args::Opening::sources`] |
//! | [`diagnostics`] | what the program does and how long it takes, into a file (`--log-file`) | [`diagnostics::start`] |
//! | [`doctor`] | `regtrail doctor`: a source checked step by step | [`doctor::run`] |
//! | [`query_command`], [`explore`] | `regtrail query`, once or following (`query_command/follow`); the explorer put together | [`query_command::run`], [`explore::run`] |
//!
//! Data lies beside the code: `assets/` is compiled in (fields, keys, themes, configuration, samples),
//! `tests/it/` is the one binary of integration tests, `tests/{screens,query,decode,export}/` what it reads.
//!
//! # The index
//!
//! Audit events repeat themselves: a handful of actions, some thousand repositories, the same identity in
//! seven fields. The layout is made of that.
//!
//! - **Dictionaries grow, ordinals stay.** A value is numbered once, for the whole epoch. A snapshot sees a
//!   prefix of each dictionary, so readers need no lock.
//! - **Tuple columns.** Fields that depend on each other are one column ([`index::GROUPS`]): its ordinal stands for
//!   the whole tuple, and each member, and every derived field of it, is a map from ordinal to ordinal. Counting
//!   by user, account or role reads the same bytes.
//! - **Codes are local to a segment.** A segment has a list of the ordinals it uses, and per row a code into the
//!   list in one or two bytes; a column with one value costs nothing. Tests run over the list, not the rows. The list is
//!   in the order of the ordinals, so that sums over all segments are written from front to back.
//! - **Typed columns** where every value differs: time (with its spelling in a dictionary), request id, log time. Of an
//!   address the port stands apart: addresses are few, nearly every request has another port.
//! - **Templates rebuild records.** What is between the values (names, order, blanks, escapes) is a template with an
//!   ordinal of its own ([`index::template`]). Template and values give the record back as it was read, so the text is
//!   not kept. Decoding uses the same templates to predict what comes next.
//! - **What is let go leaves nothing behind.** Above a ceiling of memory the segments whose events are the oldest go; once
//!   more events are gone than are held, the writer starts new dictionaries and carries the rest over
//!   ([`index::Carrier`]): ordinals change, codes and rows are shared. An epoch is such a set of dictionaries, and
//!   nothing that was worked out for ordinals outlives it.
//! - **Segments never change.** They are sorted by time, and merging small ones keeps the ids of events. Sets of
//!   rows are remembered by segment and condition, so a live tail computes new segments only.
//!
//! # What does not exist
//!
//! Most of these are held by `tests/it/tidy.rs`; the rest by the types.
//!
//! - The core has no threads of its own, no clock, no files, no sockets and no terminal (`rayon` spreads pure work).
//! - Nothing outside the screen ring knows `ratatui` or `crossterm`; inside it [`panes`], [`app`], [`command`]
//!   and [`input`] do not either.
//! - Decoding has no error: what cannot be read is a [`model::Defect`] beside the events.
//! - No data is locked while drawing. Drawing changes nothing.
//! - The loop of the screen never waits for data, and nothing else draws.
//! - There is no second list of commands, fields, sources, formats or themes: help, palette, completion and the
//!   tables of the manual are made from the rows.
//! - No text of a log reaches a terminal as it is: [`model::visible`] and [`widgets::text`] stand before it.
//! - No row numbers are kept across answers: the view is anchored to an [`model::EventId`].
//! - No `unsafe` but the vector instructions of `decode/simd.rs`, no `unwrap` outside tests, no file of code over
//!   400 lines without a reason that is written down.
//!
//! # How to add a …
//!
//! | new … | touch | what fails when a step is forgotten |
//! |---|---|---|
//! | field | a row in `assets/fields.toml`, its id and name in `model/field.rs`; for a derived one its function in [`model::derive`] and its home in `index/layout.rs` | `parity::every_id_is_the_row_of_its_name`, `parity::every_field_occurs_in_a_sample` |
//! | source | a module in `source/`, a variant of [`source::Spec`], a row in [`source::SCHEMES`], an arm in `engine/sources.rs` | `parity::every_scheme_parses_its_example`; the compiler |
//! | arrangement of input | [`decode::Framer`] or a reader beside it, [`decode::detect`], a file in `assets/samples` | `demo::samples_hold_the_same_events_in_every_arrangement`, `e2e::every_arrangement_of_json_gives_the_same_answers` |
//! | broken input | a file in `tests/decode/broken` and a row in `tests/it/demo.rs` | `demo::every_broken_input_is_listed` |
//! | condition of the query language | [`query::TestOp`] and its arms, a form in [`query::help`] | the compiler, `query_properties` |
//! | command | a function and a row in `command/<domain>.rs` | `parity::every_command_has_a_name_of_its_own_and_a_line_of_help` |
//! | key | a line in `assets/keymap.toml` | `parity::every_binding_runs_a_command_that_takes_its_argument` |
//! | pane | a folder in `panes/`, a [`PaneId`](app::layout::PaneId), its place in [`app::layout::layout`], a file in `views/` and a line in [`views::draw`] | the compiler, `screens` |
//! | overlay | a file in `overlays/` with its state and its [`overlays::Panel`], its line in `overlays!`, a row in `command/<domain>.rs` that opens it; where it has keys of its own, a scope in [`keymap::SCOPES`] and in `assets/keymap.toml`; where it asks something new, a topic in [`overlays::Parts`] and the engine's half | the compiler, `parity::every_overlay_has_keys_hints_and_recorded_screens`, `parity::every_part_of_an_answer_has_a_rule_for_masking` |
//! | prompt | a [`overlays::PromptKind`], its title and hints in `overlays/prompt.rs`, what becomes of the text in `input/prompt.rs`, a row in `command/<domain>.rs` | the compiler |
//! | export format | a writer and a row in [`export::EXPORTS`] | `parity::every_export_has_its_golden_file` |
//! | theme | a file in `assets/themes`, a line in `theme/mod.rs` | `parity::every_theme_is_built_in_and_has_no_problems` |
//! | role of a theme | a row in `theme/role.rs`, its style in `assets/themes/dark.toml` | the same |
//! | setting | a key in `assets/config.toml` and in [`config::Config`] | `parity::the_template_of_the_configuration_is_the_default` |
//! | question | what is wanted in [`engine::Wants`], its answer in [`engine::Answer`], both in `engine/answer`; what asks it: a pane or overlay, and `query` | the compiler |
//! | answerer | an implementation of [`engine::Answerer`], handed to the worker in `engine/handle.rs` | the compiler; `engine::worker` tests what it may rely on |
//! | module | its ring and its place in `tests/it/tidy.rs` | `tidy::every_module_has_its_place_in_the_order` |
//!
//! After a change of a table, `BLESS=1 cargo test --test it tidy` renews `assets/manual`.
//!
//! # Style
//!
//! Everything people read, from `--help` to doc comments, is plain technical English: the words of the field, one meaning
//! a word, short sentences. `tests/it/plain.rs` holds what people read to the worst of the words on the right.
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
//! Commands and options start with a verb, in at most 50 characters. Errors say what failed, where, why, and what to do:
//! ``cannot read config.toml:12: unknown key "theem" (did you mean "theme"?)``. A doc comment starts with what the item is
//! or does, then units, order, cost and errors; it does not repeat the name. Commit messages are `area: what changes`, in
//! the imperative, with the reason in the body.

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
