// What is drawn: icons, and pictures for products that have none.

import { svg } from "./dom.js";

const icons = {
  chat: ["M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-4.5 3.5V17H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2Z", "M8 9.5h8M8 12.7h5"],
  close: ["M6 6l12 12M18 6 6 18"],
  down: ["M6 9.5l6 6 6-6"],
  more: ["M5.5 12h.01M12 12h.01M18.5 12h.01"],
  send: ["M4.5 12 4 5l16.5 7L4 19l.5-7Zm0 0H12"],
  up: ["M7 11v9H4v-9h3Zm0 0 3.8-8a2.6 2.6 0 0 1 2.6 2.6V9H18a2 2 0 0 1 2 2.3l-1 7a2 2 0 0 1-2 1.7H7"],
  lantern: ["M9 3h6M12 3v3M8 6h8l1.5 4v5L16 19H8l-1.5-4v-5L8 6Z", "M12 10.5c1.4 1.5 1.4 3.6 0 4.5-1.4-.9-1.4-3 0-4.5ZM9 21.5h6"],
};

export function icon(name) {
  const turned = name === "thumbdown";
  const paths = icons[turned ? "up" : name].map((d) => svg("path", { d }));
  return svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: turned ? "icon turned" : "icon" }, ...paths);
}

function hash(text) {
  let h = 2166136261;
  for (const c of text) h = Math.imul(h ^ c.codePointAt(0), 16777619);
  return h >>> 0;
}

/** A still life of two shapes and the title's first character, always the same for a product. */
export function picture(product, title) {
  const h = hash(product), hue = h % 360, other = (hue + 20 + (h >>> 9) % 50) % 360;
  const at = (shift, from, to) => from + ((h >>> shift) % 64) / 64 * (to - from);
  const x = at(4, 70, 92), y = at(12, 36, 66), r = at(16, 24, 34);
  const shapes = [
    () => svg("circle", { cx: x, cy: y, r }),
    () => svg("rect", { x: x - r, y: y - r, width: 2 * r, height: 2 * r, rx: r / 3, transform: `rotate(${at(20, -20, 20)} ${x} ${y})` }),
    () => svg("path", { d: `M${x - r} ${y + r}a${r} ${r} 0 0 1 ${2 * r} 0Z` }),
  ];
  const shape = shapes[h % shapes.length]();
  shape.setAttribute("fill", `hsl(${other} 38% 64%)`);
  const letter = svg("text", { x: 13, y: 105, "font-size": 46, "font-weight": 600, fill: `hsl(${hue} 45% 24%)` });
  letter.textContent = [...title][0] ?? "";
  return svg("svg", { viewBox: "0 0 120 120", "aria-hidden": "true", preserveAspectRatio: "xMidYMid slice" },
    svg("rect", { width: 120, height: 120, fill: `hsl(${hue} 38% 86%)` }),
    svg("path", { d: `M0 120V${at(24, 78, 92)}Q60 ${at(6, 66, 104)} 120 ${at(14, 76, 98)}V120Z`, fill: `hsl(${hue} 32% 78%)` }),
    shape, letter);
}
