# Turns lines of subject, case, metric and value, separated by tabs, into a table with a row for each
# metric and a column for each subject. A cell is the median of its values. The last columns are the
# ratios of hubbub to the baselines. -v markdown=1 prints Markdown.
# Knows: the order of columns. Must not know: what a metric means.
BEGIN {
  FS = "\t"
  split("bare,gather,hubbub,3 hubs,sql,ws,socket.io,nats", subjects, ",")
  split("bare gather sql", baselines, " ")
}
{
  row = $2 FS $3
  if (!(row in known)) { known[row] = 1; rows[++height] = row }
  if (length($2) > wide["case"]) wide["case"] = length($2)
  if (length($3) > wide["metric"]) wide["metric"] = length($3)
  value[row, $1, ++count[row, $1]] = $4 + 0
  present[$1] = 1
}
function median(row, subject,    n, i, j, v, sorted) {
  n = count[row, subject]
  for (i = 1; i <= n; ++i) {
    v = value[row, subject, i]
    for (j = i; j > 1 && sorted[j - 1] > v; --j) sorted[j] = sorted[j - 1]
    sorted[j] = v
  }
  return n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
}
function figure(x) { return !x ? "0" : sprintf(x >= 100 ? "%.0f" : x >= 10 ? "%.1f" : x >= 0.1 ? "%.2f" : "%.4f", x) }
function line(first, second, rest,    out, cell, n, i) {
  if (markdown) { gsub(FS, " | ", rest); print "| " first " | " second rest " |"; return }
  out = sprintf("%-*s %-*s", wide["case"], first, wide["metric"], second)
  n = split(rest, cell, FS)
  for (i = 2; i <= n; ++i) out = out sprintf(" %10s", cell[i])
  print out
}
END {
  head = ""; rule = ""
  for (s = 1; s in subjects; ++s) if (subjects[s] in present) { head = head FS subjects[s]; rule = rule FS "--:" }
  for (y = 1; y in baselines; ++y) if (baselines[y] in present && "hubbub" in present) {
    head = head FS "/" baselines[y]; rule = rule FS "--:"
  }
  line("case", "metric", head)
  if (markdown) line("---", "---", rule)
  for (r = 1; r <= height; ++r) {
    row = rows[r]; cells = ""
    for (s = 1; s in subjects; ++s) if (subjects[s] in present)
      cells = cells FS (count[row, subjects[s]] ? figure(median(row, subjects[s])) : "-")
    for (y = 1; y in baselines; ++y) if (baselines[y] in present && "hubbub" in present) {
      base = count[row, baselines[y]] ? median(row, baselines[y]) : 0
      cells = cells FS (base && count[row, "hubbub"] ? sprintf("x %.2f", median(row, "hubbub") / base) : "-")
    }
    split(row, name, FS)
    line(name[1], name[2], cells)
  }
}
