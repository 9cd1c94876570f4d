// The texts of the page in English and Russian, and the language that is shown. Must not know where a text is shown.

const table = {
  about: ["A chat where everybody sees every message at once.", "Чат, где каждый сразу видит каждое сообщение."],
  rooms: ["Rooms", "Комнаты"],
  conversation: ["Conversation", "Беседа"],
  messages: ["Messages", "Сообщения"],
  unsent: ["Not sent yet", "Ещё не отправлены"],
  message: ["Message", "Сообщение"],
  write: ["Write a message", "Напишите сообщение"],
  send: ["Send", "Отправить"],
  hint: ["Enter sends, Shift + Enter breaks the line", "Enter отправляет, Shift + Enter — новая строка"],
  room: ["Open or create a room", "Открыть или создать комнату"],
  open: ["Open", "Открыть"],
  forget: ["Forget {x}", "Забыть {x}"],
  share: ["Share this room", "Поделиться комнатой"],
  link_copied: ["The address is copied.", "Адрес скопирован."],
  bad_room: ["A room’s name is 1 to 64 letters, digits, dots, “_” or “-”.", "Имя комнаты — от 1 до 64 букв, цифр, точек, «_» или «-»."],
  language: ["Language", "Язык"],
  you: ["You are {x}", "Вы — {x}"],
  online_count: ["# online", "# в сети"],
  recent_authors: ["Spoke here lately", "Недавно писали"],
  online_hint: ["Online counts open pages, yours too; who only reads is not named.", "В сети — открытые страницы, и ваша тоже; кто только читает, не назван."],
  unread: [{ one: "# unread message", other: "# unread messages" }, { one: "# непрочитанное", few: "# непрочитанных", other: "# непрочитанных" }],
  new_count: ["# new", { one: "# новое", other: "# новых" }],
  new_messages: [{ one: "# new message", other: "# new messages" }, { one: "# новое сообщение", few: "# новых сообщения", other: "# новых сообщений" }],
  to_end: ["To the newest", "К новым"],
  empty: ["Nothing has been said here yet.", "Здесь ещё ничего не сказано."],
  begins: ["This is where the room begins.", "Здесь комната начинается."],
  loading: ["Older messages are on their way…", "Загружаются прежние сообщения…"],
  history_failed: ["Older messages did not come.", "Прежние сообщения не загрузились."],
  try_again: ["Try again", "Ещё раз"],
  connecting: ["Connecting…", "Соединение…"],
  online: ["Connected", "На связи"],
  catching_up: ["Catching up on what you missed", "Загружается пропущенное"],
  waiting: ["The hub restarts and will be back in a moment. What you write is kept and sent then.", "Сервер перезапускается и скоро вернётся. Написанное сохранится и уйдёт."],
  offline: ["The line to the hub is down; it comes back by itself. What you write is kept and sent then.", "Связи нет; она восстановится сама. Написанное сохранится и уйдёт."],
  refused: ["The hub is there but lets no line in: too many readers, or a proxy that passes no WebSockets. It is tried again.", "Сервер отвечает, но не впускает: слишком много читателей или прокси без WebSocket. Попытки продолжаются."],
  no_database: ["The hub is there, but its database is not. What you write is kept and sent then.", "Сервер отвечает, но без базы данных. Написанное сохранится и уйдёт."],
  locked: ["This hub asks for a token: open the link that you were given, or enter the token here.", "Нужен токен: откройте полученную ссылку или введите его здесь."],
  forbidden: ["Your token is not for this room.", "Ваш токен не для этой комнаты."],
  token: ["Token", "Токен"],
  bad_token: ["This is no token.", "Это не токен."],
  sign_in: ["Come in", "Войти"],
  retry_in: ["next try in # s", "повтор через # с"],
  retrying: ["trying now", "пробуем"],
  retry: ["Try now", "Повторить"],
  queued: ["waiting to be sent", "ждёт отправки"],
  held: ["the hub is busy; sent again by itself", "сервер занят; уйдёт само"],
  stored: ["stored", "сохранено"],
  not_sent: ["Not sent: {x}", "Не отправлено: {x}"],
  send_again: ["Send again", "Отправить снова"],
  discard: ["Discard", "Удалить"],
  left: ["# left", "осталось #"],
  over: ["# too many", "лишних #"],
  too_long: ["A message holds 1000 characters: # too many.", { one: "В сообщении до 1000 символов: # лишний.", few: "В сообщении до 1000 символов: # лишних.", other: "В сообщении до 1000 символов: # лишних." }],
  send_parts: ["Send as # messages", { one: "Отправить # сообщением", other: "Отправить # сообщениями" }],
  full: ["Too many messages wait for the line already.", "Слишком много сообщений уже ждут связи."],
};
const languages = ["en", "ru"];
const listeners = [];
let language = stored_language() ?? navigator.languages.map(l => l.slice(0, 2)).find(l => languages.includes(l)) ?? "en";
let numbers, plural;

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
