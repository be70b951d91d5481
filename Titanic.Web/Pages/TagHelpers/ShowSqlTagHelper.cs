using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Titanic.Web.Pages.TagHelpers;

/// <summary>The SQL query that computes a number on the page, collapsed.</summary>
[HtmlTargetElement("show-sql", TagStructure = TagStructure.WithoutEndTag)]
public sealed class ShowSqlTagHelper : TagHelper
{
    /// <summary>The number, for example "the confusion matrix".</summary>
    public string Of { get; set; } = "";

    /// <summary>One read-only statement without parameters, which runs in psql as it is.</summary>
    public string Sql { get; set; } = "";

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "details";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "shown-sql");
        output.Content.AppendFormat("""<summary>Show SQL for {0}</summary><pre tabindex="0" role="group" aria-label="SQL for {0}"><code>{1}</code></pre>""", Of, Sql);
    }
}
