import type { PropertyCondition } from '../../schemas/filters.ts';
import { type Operator, typedValue } from './search.ts';

/** The value of a condition as it is typed; empty where the operator takes none. */
export const valueText = (condition: PropertyCondition): string => {
  if (!('value' in condition)) return '';
  return Array.isArray(condition.value) ? condition.value.join(', ') : String(condition.value);
};

/** Null where the value is none yet that the operator takes. */
export const conditionOf = (property: string, op: Operator, text: string): PropertyCondition | null => {
  if (property === '') return null;
  if (op === 'exists' || op === 'notExists') return { property, op };
  if (op === 'in' || op === 'notIn') {
    const list = text.split(',').map((one) => typedValue(one.trim(), property, op));
    return text === '' ? null : { property, op, value: list };
  }
  if (op === 'between') {
    const [least, most, ...more] = text.split(',').map((one) => typedValue(one.trim(), property, op));
    const isRange = typeof least === 'number' && typeof most === 'number' && more.length === 0;
    return isRange ? { property, op, value: [least, most] } : null;
  }
  if (text === '') return null;
  if (op === 'matches') return { property, op, value: text };
  return { property, op, value: typedValue(text, property, op) };
};
