namespace Titanic.Web.Passengers;

/// <summary>The two values of the passenger list; the numbers are the model's codes.</summary>
public enum Sex
{
    Male = 0,
    Female = 1,
}
