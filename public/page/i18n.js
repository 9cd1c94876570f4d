// The texts of the page in English and Russian, and the language that is shown. Times and days are in the words of that language, by
// the clock of the reader's settings. Must not know where a text is shown.

const table = {
  about: ["A chat where everybody sees every message at once.", "Чат, где каждый сразу видит каждое сообщение."],
  rooms: ["Rooms", "Комнаты"],
  conversation: ["Conversation", "Беседа"],
  messages: ["Messages", "Сообщения"],
  unsent: ["Not sent yet", "Ещё не отправлены"],
  message: ["Message", "Сообщение"],
  write: ["Write a message", "Напишите сообщение"],
  send: ["Send", "Отправить"],
  hint: ["Enter sends, Shift + Enter begins a new line", "Enter отправляет, Shift + Enter начинает новую строку"],
  room: ["Open or create a room", "Открыть или создать комнату"],
  open: ["Open", "Открыть"],
  shows: ["Room {x}", "Комната {x}"],
  notify: ["Notify me of new messages", "Уведомлять о новых сообщениях"],
  notify_refused: ["The browser does not allow notifications for this page.", "Браузер не разрешает уведомления для этой страницы."],
  forget: ["Forget {x}", "Забыть {x}"],
  share: ["Share this room", "Поделиться комнатой"],
  link_copied: ["Link copied.", "Ссылка скопирована."],
  bad_room: ["A room’s name has 1 to 64 letters, digits, dots, “_” or “-”.", "Имя комнаты состоит из 1–64 букв, цифр, точек, «_» или «-»."],
  language: ["Language", "Язык"],
  rename: ["Choose a name", "Выбрать имя"],
  your_name: ["Your name", "Ваше имя"],
  save: ["Save", "Сохранить"],
  name_hint: ["Others see ~ before it, because nobody has verified it.", "Другие видят перед ним ~: его никто не проверял."],
  unverified: ["The author has chosen this name. Nobody has verified it.", "Автор сам выбрал это имя. Его никто не проверял."],
  bad_name: ["A name has 1 to 40 visible characters.", "В имени от 1 до 40 видимых символов."],
  name_taken: ["Somebody here has this name, or one that looks like it.", "Это имя или похожее на него здесь уже занято."],
  verified_name: ["Your name comes from your token.", "Ваше имя указано в токене."],
  name_waits: ["Will be saved when there is a connection.", "Сохранится, когда связь вернётся."],
  you: ["You are {x}", "Вы — {x}"],
  online_count: ["# online", "# в сети"],
  recent_authors: ["Recent authors", "Недавние авторы"],
  online_hint: ["The number counts open pages, including yours. Readers who have not written lately are not listed.", "Считаются открытые страницы, включая вашу. Кто давно не писал, в списке не показан."],
  unread: [{ one: "# unread message", other: "# unread messages" }, { one: "# непрочитанное", few: "# непрочитанных", other: "# непрочитанных" }],
  new_from: ["New from here", "Новые сообщения"],
  first_unread: ["Jump to first unread", "К первому непрочитанному"],
  message_gone: ["This message is not here.", "Этого сообщения здесь нет."],
  new_count: ["# new", { one: "# новое", other: "# новых" }],
  new_messages: [{ one: "# new message", other: "# new messages" }, { one: "# новое сообщение", few: "# новых сообщения", other: "# новых сообщений" }],
  to_lobby: ["Go to the lobby", "Перейти в lobby"],
  to_end: ["Jump to latest", "К последним"],
  invisible: ["This message has no visible text.", "В этом сообщении нет видимого текста."],
  more: ["more", "ещё"],
  lost: [{ one: "The hub’s database has lost # message, which is removed here.", other: "The hub’s database has lost # messages, which are removed here." },
    { one: "База данных сервера потеряла # сообщение, оно удалено отсюда.", few: "База данных сервера потеряла # сообщения, они удалены отсюда.", other: "База данных сервера потеряла # сообщений, они удалены отсюда." }],
  sent_again: [{ one: "# message of yours is sent again.", other: "# messages of yours are sent again." },
    { one: "# ваше сообщение отправляется снова.", few: "# ваших сообщения отправляются снова.", other: "# ваших сообщений отправляются снова." }],
  empty: ["There are no messages yet.", "Сообщений пока нет."],
  begins: ["This is the beginning of the room.", "Это начало комнаты."],
  loading: ["Loading older messages…", "Загружаются прежние сообщения…"],
  history_failed: ["Older messages could not be loaded.", "Прежние сообщения не удалось загрузить."],
  try_again: ["Try again", "Повторить"],
  connecting: ["Connecting…", "Соединение…"],
  online: ["Connected", "На связи"],
  over_http: ["over HTTP", "через HTTP"],
  catching_up: ["Loading the messages that you missed", "Загружаются пропущенные сообщения"],
  waiting: ["The hub is restarting and will be back in a moment. What you write is kept and sent later.", "Сервер перезапускается и скоро вернётся. Написанное сохранится и будет отправлено позже."],
  offline: ["No connection. Reconnecting… What you write will be sent when you are back.", "Нет соединения. Переподключаемся… Написанное отправится, когда связь вернётся."],
  refused: ["The hub answers but does not accept the connection. It has too many readers, or a proxy does not support WebSockets. The page tries again.", "Сервер отвечает, но не принимает соединение. Читателей слишком много, или прокси не поддерживает WebSocket. Страница пробует снова."],
  no_database: ["The hub answers, but its database does not. What you write is kept and sent later.", "Сервер отвечает, но его база данных недоступна. Написанное сохранится и будет отправлено позже."],
  locked: ["This hub needs a token. Open the link that you were given, or enter the token here.", "Нужен токен. Откройте полученную ссылку или введите токен здесь."],
  forbidden: ["Your token is not valid for this room.", "Ваш токен не действует в этой комнате."],
  token: ["Token", "Токен"],
  bad_token: ["This is not a token.", "Это не токен."],
  sign_in: ["Sign in", "Войти"],
  retry_in: ["next attempt in # s", "повтор через # с"],
  retrying: ["connecting now", "соединение…"],
  new_version: ["Reload for the new version of this page", "Обновить: есть новая версия страницы"],
  retry: ["Try now", "Повторить"],
  queued: ["waiting to be sent", "ждёт отправки"],
  queued_unsaved: ["waiting to be sent; keep this page open, the browser has no room for it", "ждёт отправки; не закрывайте страницу, у браузера нет для него места"],
  unsaved: ["The browser has no room to keep this text. It is lost when this page is closed.", "У браузера нет места для этого текста. Он пропадёт, если закрыть страницу."],
  held: ["the hub is busy; the page sends it again", "сервер занят; страница отправит ещё раз"],
  stored: ["stored", "сохранено"],
  not_sent: ["Not sent: {x}", "Не отправлено: {x}"],
  send_again: ["Send again", "Отправить снова"],
  discard: ["Discard", "Удалить"],
  left: ["# left", "осталось #"],
  over: [{ one: "# character over the limit", other: "# characters over the limit" },
    { one: "На # символ больше предела", few: "На # символа больше предела", other: "На # символов больше предела" }],
  too_long: ["A message holds 1000 characters: # too many.", { one: "В сообщении до 1000 символов: # лишний.", few: "В сообщении до 1000 символов: # лишних.", other: "В сообщении до 1000 символов: # лишних." }],
  send_parts: ["Send as # messages", { one: "Отправить # сообщением", other: "Отправить # сообщениями" }],
  full: ["Too many messages are waiting to be sent.", "Отправки ждёт слишком много сообщений."],
};
const check_interval = 60_000; // ms between two looks whether another day has begun
const languages = ["en", "ru"];
const listeners = [];
let language = stored_language() ?? navigator.languages.map(l => l.slice(0, 2)).find(l => languages.includes(l)) ?? "en";
let numbers, plural, clock, day, full, relative;

// Returns the text of `key`. `x` replaces `{x}`, or `#` as a number, which also selects the plural form.
export function translate(key, x) {
  const found = table[key][languages.indexOf(language)];
  const text = found.other ? found[plural.select(x)] ?? found.other : found;
  return text.replace("#", () => numbers.format(x)).replace("{x}", () => x);
}

// Returns the locale for dates and numbers: the browser's own variant of the language, if it has one.
export const locale = () => navigator.languages.find(l => l.startsWith(language)) ?? language;

export const current_language = () => language;

// Calls `listener` now and whenever the language changes.
export function on_language(listener) {
  listeners.push(listener);
  listener();
}

export function set_language(chosen) {
  language = chosen;
  try { localStorage["hubbub language"] = chosen; } catch { /* the choice lasts as long as the page */ }
  apply();
  for (const listener of listeners) listener();
}

// Fills the elements of the page: data-text names the text, and data-label, data-title and data-placeholder the attributes.
function apply() {
  numbers = new Intl.NumberFormat(locale());
  plural = new Intl.PluralRules(language);
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = translate(element.dataset.text);
  for (const [name, attribute] of [["label", "aria-label"], ["title", "title"], ["placeholder", "placeholder"]]) {
    for (const element of document.querySelectorAll(`[data-${name}]`)) element.setAttribute(attribute, translate(element.dataset[name]));
  }
}

function stored_language() {
  try { return languages.find(l => l === localStorage["hubbub language"]); } catch { return undefined; }
}

apply();

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
