import { Automation } from '../../schemas/automation.ts';

/** "You left something in your basket": an hour after, with 10 % off. Off until it is switched on. */
export const basketRescue: Automation = Automation.parse({
  name: 'Basket rescue',
  enabled: false,
  trigger: { kind: 'abandoned-basket', idleSeconds: 3600, maxAgeSeconds: 3 * 86_400 },
  holdoutPercent: 10,
  email: {
    subject: '{% if person.firstName %}{{ person.firstName }}, your{% else %}Your{% endif %} basket is still here',
    preheader: '{% if discount %}{{ discount.percent }} % off with your personal code {{ discount.code }}{% endif %}',
    heading: 'You left something behind',
    body: [
      'Hello{% if person.firstName %} {{ person.firstName }}{% endif %},',
      'we kept your basket as you left it.{% if discount %} With the code below it is {{ discount.percent }} % less: it is yours alone, good for one order.{% endif %}',
    ].join('\n\n'),
    button: 'Back to my basket',
    buttonUrl: 'https://shop.example/basket',
  },
  discount: { percent: 10, validSeconds: 7 * 86_400 },
  quietSeconds: 86_400,
});
