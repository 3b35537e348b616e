// Small help with the page's elements.

export const $ = (id) => document.getElementById(id);

/** el makes an element: el("p", {class: "x"}, "text", child). Text stays text. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined && value !== null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((c) => c !== "" && c !== null && c !== undefined));
  return node;
}

/** keep makes a parent's children those of the list, by key, and leaves alone those that stay,
 *  so that focus and scrolling do, too. */
export function keep(parent, items, key, make, fill) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let before = null;
  for (const item of items) {
    const k = key(item);
    let node = old.get(k);
    if (node) old.delete(k);
    else {
      node = make(item);
      node.dataset.key = k;
    }
    fill(node, item);
    const next = before ? before.nextSibling : parent.firstChild;
    if (node !== next) parent.insertBefore(node, next);
    before = node;
  }
  for (const node of old.values()) node.remove();
}
