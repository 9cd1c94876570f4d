# Draws the "scaling, …" lines of the figures as SVG: CPU time for each delivery by connections and by
# messages in flight, for hubbub and the gathering loop, with logarithmic axes. The colours suit light
# and dark pages. Knows: the picture. Must not know: how the figures were measured.
BEGIN {
  FS = "\t"
  top = 58; height = 230; width = 330 # of a panel
  low = 0.05; high = 30               # microseconds
  colour["hubbub"] = "#2f86d6"; colour["gather"] = "#c9772b"
  print "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 800 350' font-family='sans-serif' font-size='12' fill='#808890'>"
  print "<title>CPU time a delivery of hubbub and of the gathering loop</title>"
  label(12, 20, "start", "CPU µs a delivery")
  line("hubbub", "M 470 16 h 26"); label(502, 20, "start", "hubbub, every message stored")
  line("gather", "M 684 16 h 26"); label(716, 20, "start", "gathering loop")
  panel(50, "connections", 1000, 8000, "1000 2000 4000 8000")
  panel(440, "messages in flight, 1000 connections", 1, 256, "1 4 16 64 256")
}
$2 ~ /^scaling, / {
  split($2, word, ", ")
  n = word[2] + 0; open = word[3] + 0
  value[$1, word[2], open] = $4
  if (n && open == 1000) value[$1, "by flight", n] = $4
}
END {
  both("quiet", 50, 1000, 8000, "1000 2000 4000 8000", "quiet: 20,000 deliveries a second")
  both("64 in flight", 50, 1000, 8000, "1000 2000 4000 8000", "64 in flight")
  both("by flight", 440, 1, 256, "1 4 16 64 256", "")
  print "</svg>"
}
function x_of(n, left, from, to) { return left + width * log(n / from) / log(to / from) }
function y_of(v) { return top + height * log(high / v) / log(high / low) }
function label(x, y, anchor, text) { printf "<text x='%.0f' y='%.0f' text-anchor='%s'>%s</text>\n", x, y, anchor, text }
function line(subject, path) {
  printf "<path d='%s' fill='none' stroke='%s' stroke-width='2'%s/>\n", path, colour[subject],
    subject == "gather" ? " stroke-dasharray='5 4'" : ""
}
function panel(left, title, from, to, ticks,    tick, i, y) {
  for (i = 0.1; i <= 10; i *= 10) {
    y = y_of(i)
    printf "<path d='M %d %.0f h %d' stroke='#808890' stroke-opacity='.35'/>\n", left, y, width
    label(left - 6, y + 4, "end", i)
  }
  for (i = split(ticks, tick, " "); i; --i) label(x_of(tick[i], left, from, to), top + height + 18, "middle", tick[i])
  label(left + width / 2, top + height + 38, "middle", title)
}
function both(series, left, from, to, ticks, name,    tick, n, i, s, subject, subjects, x, y, path) {
  n = split(ticks, tick, " ")
  split("gather hubbub", subjects, " ")
  for (s = 1; s <= 2; ++s) {
    subject = subjects[s]; path = ""
    for (i = 1; i <= n; ++i) if ((subject, series, tick[i]) in value) {
      x = x_of(tick[i], left, from, to); y = y_of(value[subject, series, tick[i]])
      path = path sprintf("%s %.1f %.1f ", path ? "L" : "M", x, y)
      printf "<circle cx='%.1f' cy='%.1f' r='3' fill='%s'/>\n", x, y, colour[subject]
      if (subject == "hubbub")
        printf "<text x='%.0f' y='%.0f' text-anchor='middle' fill='%s'>%.2g</text>\n", x, y - 9, colour[subject], value[subject, series, tick[i]]
    }
    line(subject, path)
  }
  if (name) label(left + width / 2, y_of(value["gather", series, tick[2]]) + 30, "middle", name)
}
