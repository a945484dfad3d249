result = context.crew.length +;
