// Takes from shader libraries what a module calls: drivers spend time on every function, called or not.

interface Declaration {
  readonly name: string;
  readonly text: string;
}

/** The functions and structs of a library or module, each from its first word to its last brace. */
export function declarationsOf(library: string): Declaration[] {
  return [...library.matchAll(/^(?:fn|struct) (\w+)/gm)].map((match) => {
    let end = library.indexOf("{", match.index);
    for (let depth = 1; depth > 0 && end < library.length; ) {
      end++;
      if (library[end] === "{") depth++;
      else if (library[end] === "}") depth--;
    }
    return { name: match[1] as string, text: library.slice(match.index, end + 1) };
  });
}

/** The declarations of `libraries` that `text` needs, directly or by way of others, in their order. */
export function neededFrom(libraries: Iterable<string>, text: string): string {
  const declared = [...libraries].flatMap(declarationsOf);
  const needed = new Set<Declaration>();
  const look = (body: string): void => {
    const words = new Set(body.match(/\b[a-zA-Z_]\w*\b/g));
    for (const declaration of declared) {
      if (!words.has(declaration.name) || needed.has(declaration)) continue;
      needed.add(declaration);
      look(declaration.text);
    }
  };
  look(text);
  return declared
    .filter((declaration) => needed.has(declaration))
    .map((declaration) => declaration.text)
    .join("\n");
}
