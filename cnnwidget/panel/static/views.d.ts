// The views that Python sends, one interface for each trait of the stage. A view is an empty object
// until it is first sent, so that each of its keys may be missing.

export interface Views {
  plan_view: PlanView;
  facts_view: FactsView;
  problems_view: ProblemsView;
  diagram_view: DiagramView;
  fit_view: FitView;
  frames_view: FramesView;
  data_view: DataView;
  messages_view: MessagesView;
  checks_view: ChecksView;
  runs_view: RunsView;
  run_curves: RunCurvesView;
}

/**
 * Arrays of bytes. Examples are (sample, frame, channel, row, column), further pictures of them one
 * after the other; data (frame, channel, row, column); colours (256, 3).
 */
export type BytesTrait = "truth" | "prediction" | "further_pictures" | "data_frames" | "colours";

export interface PlanView {
  key: string;
  title: string;
  totals: { label: string; value: string; hint: string }[];
  headers: string[];
  align: string[];
  input: string[];
  rows: LayerRow[];
  total: string[];
  source: string;
  source_note: string;
}

export interface LayerRow {
  id: string;
  part: string;
  cells: string[];
  params_share: number;
  macs_share: number;
  failed: boolean;
  aux: boolean;
  /** The ids of the rows that a join joins. */
  from: string[];
}

export interface FactsView {
  key: string;
  /** By the id of a row. */
  rows: Record<string, { sees: string; facts: [name: string, text: string][] }>;
}

export interface ProblemsView {
  key: string;
  problems: Problem[];
}

/** A problem, a caution, or the other purpose of a network that is no forecast. */
export interface Problem {
  kind: "problem" | "caution" | "purpose";
  where: string;
  text: string;
  mends: Mend[];
}

export interface Mend {
  id: string;
  label: string;
  hint?: string;
}

export interface DiagramView {
  key: string;
  svg: string | null;
  dot: string | null;
  note: string | null;
}

export type FitState =
  | "idle"
  | "preparing"
  | "running"
  | "stopping"
  | "stopped"
  | "finished"
  | "diverged";

export type FitOperation = "fit" | "stop" | "continue" | "restart" | "save";

/** What is running: a training, or a check in its place. */
export interface Progress {
  state: FitState;
  line: string;
  left: string;
  /** From 0 to 1. */
  progress: number;
}

export interface FitView extends Progress {
  key: string;
  design: string;
  can: FitOperation[];
  blocked: string;
  keeps: string;
  saved: string;
  /** The check that runs in the place of a training. */
  job: Progress | null;
  measure: string;
  curve: { epoch: number[]; train: Value[]; valid: Value[] | null };
  /** Pairs of an epoch, with its fraction, and a loss. */
  live: [epoch: number, loss: Value][];
  baselines: { name: string; value: Value }[];
  /** The place of the best epoch in the curve. */
  best: number | null;
  split: string;
  verdict: string;
  good: boolean | null;
  findings: string[];
  skill: ScoreTable | null;
}

/** A number, or nothing where it is missing or not finite. */
export type Value = number | null;

export interface ScoreTable {
  /** What a line is, and what each is called. */
  line: string;
  lines: string[];
  /** The heading of the figures. */
  overall: string;
  /** The network and each baseline. */
  names: string[];
  /** For each name a value for each line. */
  errors: Value[][];
  skill: Value[];
  unit: string;
  figures: { name: string; meaning: string; values: Value[] }[];
}

export interface FramesView {
  key: string;
  size: number[];
  truth_name: string;
  prediction_name: string;
  /** The names of further pictures, as of an input. */
  further: string[];
  /** What a frame of a sample is, and what each is called. */
  frame: string;
  frames: string[];
  samples: string[];
  has_truth: boolean[];
  channels: string[];
  ranges: [low: number, high: number][];
  /** Why bytes of 0 have no value; empty if all bytes have one. */
  empty: string;
}

export interface DataView {
  name: string;
  line: string;
  facts: { label: string; value: string }[];
  size: number[];
  steps: number;
  /** The numbers of the frames that were sent. */
  shown: number[];
  times: string[];
  channels: string[];
  units: string;
  low: Value;
  high: Value;
  scales: Scale[];
  /** From one place that was sent to the next along an axis. */
  step: number;
  empty: string;
  missing: number;
  split: string;
  parts: { name: string; from: number; to: number }[];
  window: { history: number; horizon: number } | null;
}

export interface Scale {
  low: Value;
  high: Value;
  ends: [low: string, high: string];
  digits: number;
  histogram: number[];
}

export interface MessagesView {
  messages: { id: number; text: string; act?: string }[];
}

export type CheckName = "rate" | "batch" | "sweep";

export interface ChecksView extends Partial<Record<CheckName, CheckView>> {
  number: number;
  front: CheckName;
}

export interface CheckView {
  about: string;
  use: string;
  sentence: string;
  good?: boolean | null;
  plot?: CheckPlot;
}

export interface CheckPlot {
  x: number[];
  y: Value[];
  scale: "log" | "linear" | "names";
  x_name: string;
  y_name: string;
  x_range?: [low: number, high: number];
  names?: string[];
  mark?: { x?: number; y?: number; point?: number; name?: string };
}

export interface RunsView {
  runs: Run[];
  limits: string;
  said: string;
}

export interface Run {
  number: number;
  name: string;
  params: number;
  macs: number;
  macs_text: string;
  seconds: number;
  epochs: number;
  error: Value;
  skill: Value;
  ending: string;
  of: string;
  restores: string;
  shown: boolean;
  deleted: boolean;
}

export interface RunCurvesView {
  /** By the number of a run. */
  curves: Record<number, RunCurve>;
  measure: string;
}

export interface RunCurve {
  epoch: number[];
  seconds: number[];
  loss: Value[];
}
