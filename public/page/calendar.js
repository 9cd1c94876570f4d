// Times and days in the words of the page's language and by the clock of the reader's settings. Must not know messages.

import { locale, on_language } from "./i18n.js";

const check_interval = 60_000; // ms
let clock, day, full, relative;

on_language(() => {
  // The language of the page may be another one than that of the reader, whose settings tell whether the day has 24 hours.
  const { hourCycle } = new Intl.DateTimeFormat(navigator.languages, { hour: "numeric" }).resolvedOptions();
  clock = new Intl.DateTimeFormat(locale(), { timeStyle: "short", hourCycle });
  day = new Intl.DateTimeFormat(locale(), { dateStyle: "full" });
  full = new Intl.DateTimeFormat(locale(), { dateStyle: "full", timeStyle: "long", hourCycle });
  relative = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
});

export const clock_time = date => clock.format(date);

export const full_time = date => full.format(date);

// Returns the name of the day of `date`: today, yesterday, or its date.
export function day_name(date) {
  const now = new Date();
  const ago = [0, 1].find(ago => new Date(now.getFullYear(), now.getMonth(), now.getDate() - ago).toDateString() === date.toDateString());
  if (ago === undefined) return day.format(date);
  const word = relative.format(-ago, "day");
  return word[0].toLocaleUpperCase(locale()) + word.slice(1);
}

// Calls `listener` when another day has begun. A timer is late after a sleep, so the day is also compared when the page is seen.
export function on_new_day(listener) {
  let today = new Date().toDateString();
  const check = () => {
    const now = new Date().toDateString();
    if (now === today) return;
    today = now;
    listener();
  };
  setInterval(check, check_interval);
  document.addEventListener("visibilitychange", check);
}
