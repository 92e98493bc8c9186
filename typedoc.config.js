// The API reference (dist/docs): one module for each entry of the package; what the main one exports is grouped by the file that it comes from.
import {
  Comment,
  CommentTag,
  Converter,
  ParameterReflection,
  ReferenceType,
  ReflectionFlag,
  ReflectionKind,
  SignatureReflection,
} from "typedoc";

/** Groups, in this order, and the files whose exports they hold; the first that fits counts. */
const GROUPS = [
  ["Errors", /^core\/error/],
  ["Losses", /^loss\//],
  ["Training", /^(train|data)\//],
  ["Ops: elementwise", /^ops\/(arithmetic|unary|binary|trigonometry|pointwise)/],
  ["Ops: activations", /^ops\/(activation|gated|softmax)/],
  ["Ops: reductions", /^ops\/(reduce|arg|cumulative|moments)\b/],
  ["Ops: products and convolutions", /^ops\/(matmul|conv|im2col|window)\b/],
  ["Ops: pooling and resizing", /^ops\/(avgPool|maxPool|pool|upsample)\b/],
  ["Ops: normalisation", /^ops\/(normalization|normalize|suppression|crossEntropy)/],
  ["Ops: random numbers", /^ops\/random/],
  ["Ops: shape and layout", /^ops\//],
  ["Graphs", /^(graph\/(node|define)|passes)/],
  ["Devices and functions", /./],
];
const ORDER = ["Namespaces", "Devices and functions", "Training", "Losses"];
const LAST = ["Graphs", "Errors"];
const names = GROUPS.map(([name]) => name);

/** What is summed over axes is a reduction, wherever it is written. */
const REDUCTIONS = ["sum", "ReduceOptions"];

function groupOf(reflection) {
  if (reflection.kindOf(ReflectionKind.Namespace)) return "Namespaces";
  if (REDUCTIONS.includes(reflection.name)) return "Ops: reductions";
  const { packagePath } = reflection.project.getSymbolIdFromReflection(reflection);
  const path = packagePath.replace(/^src\//, "");
  return GROUPS.find(([, files]) => files.test(path))[0];
}

/** What the elementwise ops take, by the name of their type. */
const ARGUMENTS = { Unary: ["x"], Binary: ["a", "b"] };

/** Elementwise ops are constants of a type that can be called: a reader wants to see functions. */
function asFunction(op, main) {
  const { project, type, comment } = op;
  const named = (name) => {
    const target = main.children.find((child) => child.name === name);
    return ReferenceType.createResolvedReference(name, target, project);
  };
  const signature = new SignatureReflection(op.name, ReflectionKind.CallSignature, op);
  const add = (name, type) => {
    const parameter = new ParameterReflection(name, ReflectionKind.Parameter, signature);
    parameter.type = type;
    project.registerReflection(parameter, undefined, undefined);
    signature.parameters.push(parameter);
    return parameter;
  };
  signature.parameters = [];
  for (const name of ARGUMENTS[type.name]) add(name, named("Input"));
  const [options] = type.typeArguments ?? [];
  if (options?.type === "reflection") {
    for (const { flags } of options.declaration.children) flags.setFlag(ReflectionFlag.Optional, true);
    add("options", options).flags.setFlag(ReflectionFlag.Optional, true);
  }
  signature.type = named("Node");
  signature.comment = comment;
  project.registerReflection(signature, undefined, undefined);
  op.kind = ReflectionKind.Function;
  op.signatures = [signature];
  for (const field of ["comment", "type", "defaultValue"]) delete op[field];
  op.flags.setFlag(ReflectionFlag.Const, false);
}

/** Gives each export of the main module its group. */
function group(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const main = project.children?.find(({ name }) => name === "gpugrad");
    for (const reflection of main?.children ?? []) {
      if (reflection.type?.name in ARGUMENTS && reflection.kindOf(ReflectionKind.Variable))
        asFunction(reflection, main);
      const holder = reflection.signatures?.[0] ?? reflection;
      holder.comment ??= new Comment();
      holder.comment.blockTags.push(new CommentTag("@category", [{ kind: "text", text: groupOf(reflection) }]));
    }
  });
}

export default {
  entryPoints: ["src/index.ts", "src/node.ts", "src/check/index.ts"],
  tsconfig: "tsconfig.types.json",
  out: "dist/docs",
  readme: "docs/reference.md",
  projectDocuments: ["ARCHITECTURE.md", "CHANGELOG.md"],
  plugin: [group],
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  disableGit: true,
  disableSources: true,
  hideGenerator: true,
  includeHierarchySummary: false,
  categorizeByGroup: false,
  categoryOrder: [...ORDER, ...names.filter((name) => ![...ORDER, ...LAST].includes(name)), ...LAST],
  navigation: { includeCategories: true, includeGroups: false, includeFolders: false },
  groupOrder: ["Namespaces", "Functions", "Classes", "Variables", "Interfaces", "Type Aliases"],
  kindSortOrder: ["Document", "Module", "Namespace", "Function", "Class", "Variable", "Interface", "TypeAlias"],
  sort: ["kind", "instance-first", "alphabetical-ignoring-documents"],
  // every export has a doc comment; fields say by their names what they are, or have one
  requiredToBeDocumented: ["Module", "Namespace", "Function", "Class", "Interface", "TypeAlias", "Variable"],
  validation: { notExported: false, notDocumented: true, invalidLink: true, rewrittenLink: true },
  treatWarningsAsErrors: true,
};
