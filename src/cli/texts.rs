//! Examples and exit codes at the end of the help and in the man page.

pub(super) const EXAMPLES: &str = "Examples:
  regtrail audit.ndjson                             explore a log and follow it
  kubectl logs … | regtrail -                       explore a stream
  regtrail sls://UID@REGION --since -2h             explore the log where the registry delivers it
  regtrail query audit/ --status 403 --facet user   list users that were refused
  regtrail tour                                     learn it in two minutes, on synthetic traffic";

pub(super) const QUERY_EXAMPLES: &str = "Examples:
  regtrail query audit.ndjson --status 4xx --facet user     who was refused
  regtrail query audit/ -f 'action:Delete*' -o csv          deletions as a table
  regtrail query audit.ndjson --histogram 1m --status 5xx   failures per minute
  regtrail query audit.ndjson --group-by user,ip --limit 5  busiest users and addresses
  regtrail query audit.ndjson --user role/ci-infra --count  events of one user
  tail -f audit.ndjson | regtrail query - --follow          print events as they arrive";

/// Exit codes; each with an indented line that explains it.
pub(super) const EXIT_STATUS: &str = "\
0
  At least one event matches, or the command succeeded
1
  No event matches
2
  The command line, the configuration or the query is wrong
3
  A source failed: standard error names it, and the results cover the rest";

/// Formats the exit codes as the end of a help text.
pub(super) fn exit_codes() -> String {
    let codes = EXIT_STATUS.replace("\n  ", "  ").replace('\n', "\n  ");
    format!("Exit codes:\n  {codes}")
}

/// Message for a start without sources.
pub const START: &str = "nothing to open.\n  \
    regtrail FILE…            a log file, a directory, or a pattern such as 'audit-*.ndjson'\n  \
    … | regtrail              a log from a pipe\n  \
    regtrail sls://UID@REGION the registry's logstore (`regtrail doctor` shows what is missing)\n  \
    regtrail demo             synthetic registry traffic, to try it out\n\
    Export logs from Simple Log Service in its console (download as JSON) or with its command line:\n  \
    aliyunlog log pull_log_dump --project_name=… --logstore_name=acr_access_log --from_time=… --to_time=… --file_path=dump_{}.ndjson";
