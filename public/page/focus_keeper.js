// Keeps the keyboard focus on the page. When the focused element is removed, hidden or disabled, a browser moves the focus to the
// document, and the keyboard begins again at the top. Knows elements. Must not know what they are for.

const gone = element => !element.isConnected || element.disabled || element.checkVisibility?.() === false;

// `fallback(element)` gets the part of the page that had the focus, which is one of `parts`, a selector, or null. It returns the
// element that gets the focus instead.
export function keep_focus(parts, fallback) {
  let focused, part;
  document.addEventListener("focusin", ({ target }) => {
    focused = target;
    part = target.closest(parts);
  });
  // A browser may report this just before it removes the element. If the element is still there afterwards, the reader has left it.
  document.addEventListener("focusout", ({ target }) => setTimeout(() => {
    if (focused === target && target !== document.activeElement && !gone(target)) focused = undefined;
  }));
  new MutationObserver(() => {
    if (!focused || !gone(focused)) return;
    focused = undefined;
    const { activeElement } = document;
    if (activeElement === document.body || gone(activeElement)) fallback(part)?.focus({ preventScroll: true });
  }).observe(document.body, { subtree: true, childList: true, attributeFilter: ["hidden", "disabled", "class"] });
}
