import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const path: MantineColorsTuple = [
  '#eefaf6',
  '#d5f1e7',
  '#aae3d0',
  '#7bd3b7',
  '#4fc09f',
  '#2fa986',
  '#1f8f70',
  '#18765d',
  '#145f4c',
  '#0f4a3c',
];
const dark: MantineColorsTuple = [
  '#e3e8e6',
  '#b9c3bf',
  '#98a5a0',
  '#6b7974',
  '#36413d',
  '#2a3431',
  '#212a27',
  '#161d1b',
  '#111715',
  '#0b100e',
];

export const theme = createTheme({
  primaryColor: 'path',
  primaryShade: { light: 7, dark: 7 },
  colors: { path, dark },
  autoContrast: true,
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily:
    "'Inter', ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', SFMono-Regular, Menlo, Consolas, monospace",
  headings: { fontWeight: '650' },
});

/** Mantine's own dimmed text and placeholders are too faint for WCAG AA. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#55615d',
    '--mantine-color-placeholder': '#66726e',
    '--mantine-color-text': '#17201d',
    '--mantine-color-body': '#ffffff',
    '--mantine-color-default-border': '#d5dcd9',
    '--mantine-color-error': '#b3261e',
  },
  dark: {
    '--mantine-color-dimmed': '#a9b5b0',
    '--mantine-color-placeholder': '#98a5a0',
    '--mantine-color-text': '#e6ebe9',
    '--mantine-color-error': '#ff9d94',
  },
});
