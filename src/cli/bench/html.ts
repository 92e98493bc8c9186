// Pieces of a page that stands alone: escaped text, tables, and the frame around them.

/** Text as it may stand between tags and in attributes. */
export function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (sign) => names[sign] as string);
}

/** A table whose first `texts` columns are text, the others numbers. The last cell of a row that is too short is text across the rest. It scrolls by itself where the page is narrow. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[], texts: number): string {
  const attributes = (i: number, length: number) => {
    const rest = titles.length - length;
    if (i === length - 1 && rest > 0) return ` colspan="${rest + 1}"`;
    return i < texts ? "" : ' class="number"';
  };
  const cells = (tag: "th" | "td", row: readonly string[]) =>
    row.map((cell, i) => `<${tag}${attributes(i, row.length)}>${escaped(cell)}</${tag}>`).join("");
  const body = rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("\n");
  return `<div class="table"><table>\n<thead><tr>${cells("th", titles)}</tr></thead>\n<tbody>\n${body}\n</tbody></table></div>`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2024; --soft: #5f6670; --line: #dfe3e8; --paper: #fff;
  --hue0: #0b6bcb; --hue1: #c2620c; --hue2: #3f8f4f; --hue3: #8a55c2; --hue4: #b8860b; --hue5: #7a828c;
  --hue6: #0f8b8d; --hue7: #b8457b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #a0a7b0; --line: #343a42; --paper: #14171a;
  --hue0: #58a6ff; --hue1: #f0964a; --hue2: #6fc281; --hue3: #b794f0; --hue4: #e0b040; --hue5: #8d96a0;
  --hue6: #4cc3c5; --hue7: #ee86b7; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px 16px 64px; max-width: 1080px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 20px; margin: 40px 0 8px; } h3 { font-size: 16px; margin: 24px 0 8px; }
p, figcaption { color: var(--soft); margin: 0 0 8px; } figure { margin: 0 0 16px; }
.bar { display: grid; grid-template-columns: minmax(120px, 260px) 1fr minmax(64px, 96px); gap: 10px; align-items: center; font-size: 13px; }
@media (max-width: 560px) { .bar { grid-template-columns: 1fr 72px; gap: 0 10px; } .bar span:first-child { grid-column: 1 / 3; } }
.bar.first { margin-top: 6px; } .bar svg { display: block; } .bar span { overflow-wrap: anywhere; }
.bar span:last-child, .number { text-align: right; font-variant-numeric: tabular-nums; }
.hue0 { fill: var(--hue0); } .hue1 { fill: var(--hue1); } .hue2 { fill: var(--hue2); }
.hue3 { fill: var(--hue3); } .hue4 { fill: var(--hue4); } .hue5 { fill: var(--hue5); }
.hue6 { fill: var(--hue6); } .hue7 { fill: var(--hue7); }
.table { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; }
th, td { padding: 4px 14px 4px 0; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
th, td[colspan] { color: var(--soft); } th { font-weight: 600; } th.number, td.number { text-align: right; }
`;

/** A whole page; it asks the network for nothing. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
