// What page and worker tell each other, besides what every remote trainer says.
import type { Histogram } from "./histogram.ts";
import type { Points } from "./points.ts";
import type { Settings } from "./settings.ts";

/** Red, green, blue, 0 … 1. */
export type Color = readonly [red: number, green: number, blue: number];

/** The colours of the pictures: those of the page, light or dark. */
export interface Palette {
  readonly surface: Color;
  readonly ink: Color;
  readonly line: Color;
  readonly below: Color;
  readonly above: Color;
  readonly classes: readonly Color[];
}

/** A rectangle in device pixels, from the top left corner of its picture. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** How the pictures are laid out, and which of them are in sight. */
export interface Looks {
  readonly palette: Palette;
  readonly map: Size & { readonly isSeen: boolean };
  /** One rectangle for each hidden unit, layer by layer. */
  readonly units: Size & { readonly isSeen: boolean; readonly tiles: readonly Rect[] };
  readonly space: Size & {
    readonly isSeen: boolean;
    /** Before the activation, after it, and what the last layer makes of it. */
    readonly panels: readonly Rect[];
    /** Which hidden layer, from 1, and which two of its units, from 0. */
    readonly layer: number;
    readonly pair: readonly [number, number];
  };
  /** Device pixels in a CSS pixel. */
  readonly density: number;
  /** True where motion is to be reduced. */
  readonly isCalm: boolean;
}

export interface Canvases {
  readonly map: OffscreenCanvas;
  readonly units: OffscreenCanvas;
  readonly space: OffscreenCanvas;
}

/** What a run is opened with. */
export interface Setup {
  readonly settings: Settings;
  readonly points: Points;
  /** Points to test with; none where all are the user's own. */
  readonly held?: Points | undefined;
  readonly looks: Looks;
  /** Only the first time: they stay with the worker. */
  readonly canvases?: Canvases;
}

/** The state of the network at one moment, sent as "probe" a few times a second and asked for as "look". */
export interface ProbeMessage {
  readonly step: number;
  readonly loss: number;
  /** Share of right answers, or R². */
  readonly score: number;
  readonly testLoss?: number;
  readonly testScore?: number;
  readonly weights: readonly Histogram[];
  readonly gradients: readonly Histogram[];
  /** For each hidden layer, how many of its units give the same for every point. */
  readonly dead: readonly number[];
  /** Since the last message. */
  readonly stepsPerSecond: number;
  readonly framesPerSecond: number;
}
